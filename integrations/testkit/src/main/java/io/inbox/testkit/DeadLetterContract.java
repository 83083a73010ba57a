package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.DeadLetter;
import io.inbox.DeadLetterQuery;
import io.inbox.DeadLetters;
import io.inbox.Fingerprint;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.RetryPolicy;
import io.inbox.error.UsageException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Dead letters: list, show, replay, discard. */
abstract class DeadLetterContract extends Contract {
  private Inbox inbox() {
    return open(
        it ->
            it.retry(RetryPolicy.builder().maxAttempts(1).build())
                .fingerprint(Fingerprint.ofPayload())
                .window(Duration.ofDays(1)));
  }

  private long giveUp(Inbox inbox, Message message) {
    assertThat(
            inbox.process(
                message,
                tx -> {
                  throw new IllegalStateException("poison");
                }))
        .isInstanceOf(Outcome.DeadLettered.class);
    List<DeadLetter> all =
        inbox.deadLetters().ofTenant(message.tenant()).list(DeadLetterQuery.first(1_000));
    return all.get(all.size() - 1).id();
  }

  private Outcome<Void> replay(DeadLetters desk, long id, String reason) {
    return desk.replay(id, reason, message -> tx -> books.apply(tx.connection(), message.id(), 1));
  }

  @Test
  void areListedPageByPage() {
    Inbox inbox = inbox();
    for (int i = 0; i < 5; i++) {
      giveUp(inbox, message("m" + i));
    }
    DeadLetters desk = inbox.deadLetters();
    List<String> seen = new ArrayList<>();
    DeadLetterQuery query = DeadLetterQuery.first(2);
    for (List<DeadLetter> page = desk.list(query); !page.isEmpty(); page = desk.list(query)) {
      assertThat(page).hasSizeLessThanOrEqualTo(2);
      page.forEach(it -> seen.add(it.key().orElseThrow().messageId()));
      query = query.after(page.get(page.size() - 1).id());
    }
    assertThat(seen).containsExactly("m0", "m1", "m2", "m3", "m4");
    assertThat(desk.list(DeadLetterQuery.first(9).because(Reason.MISMATCH))).isEmpty();
    assertThat(desk.list(DeadLetterQuery.first(9).because(Reason.ATTEMPTS_EXHAUSTED))).hasSize(5);
    assertThat(desk.list(DeadLetterQuery.first(9).in(DeadLetter.State.DISCARDED))).isEmpty();
    assertThat(desk.show(Long.MAX_VALUE)).isEmpty();
  }

  @Test
  void aReplayHandlesTheMessageAndEndsTheLetter() {
    Inbox inbox = inbox();
    long id = giveUp(inbox, message("a"));
    assertThat(replay(inbox.deadLetters(), id, null)).isInstanceOf(Outcome.Processed.class);
    assertThat(books.applied()).containsExactly("a");
    DeadLetter letter = inbox.deadLetters().show(id).orElseThrow();
    assertThat(letter.state()).isEqualTo(DeadLetter.State.REPLAYED);
    assertThat(letter.resolvedAt()).isPresent();
    assertThat(mustNotRun(inbox, message("a"))).isInstanceOf(Outcome.Duplicate.class);
    refused("IBX-704", () -> replay(inbox.deadLetters(), id, null));
  }

  @Test
  void aReplayThatFailsLeavesTheLetterOpenAndTheKeyGivenUp() {
    Inbox inbox = inbox();
    long id = giveUp(inbox, message("a"));
    Outcome<Void> failed =
        inbox
            .deadLetters()
            .replay(
                id,
                null,
                message ->
                    tx -> {
                      books.apply(tx.connection(), "a", 1);
                      throw new IllegalStateException("still poison");
                    });
    assertThat(failed).isInstanceOf(Outcome.Failed.class);
    assertThat(books.applied()).isEmpty();
    assertThat(inbox.deadLetters().show(id).orElseThrow().state()).isEqualTo(DeadLetter.State.OPEN);
    assertThat(mustNotRun(inbox, message("a"))).isInstanceOf(Outcome.DeadLettered.class);
    assertThat(replay(inbox.deadLetters(), id, null)).isInstanceOf(Outcome.Processed.class);
  }

  @Test
  void aReplayIsGuardedLikeAnyHandling() {
    Inbox inbox = inbox();
    long id = giveUp(inbox, message("a"));
    Outcome<Void> failed =
        inbox
            .deadLetters()
            .replay(
                id,
                null,
                message ->
                    tx -> {
                      books.apply(tx.connection(), "a", 1);
                      assertThatThrownBy(() -> books.fail(tx.connection())).isNotNull();
                    });
    assertThat(as(Outcome.Failed.class, failed).reason()).isEqualTo(Reason.HANDLER_FAILED);
    assertThat(books.applied()).isEmpty();
    assertThat(inbox.deadLetters().show(id).orElseThrow().state()).isEqualTo(DeadLetter.State.OPEN);
  }

  @Test
  void aLetterIsReplayedOnceHoweverManyTry() throws Exception {
    Inbox inbox =
        open(
            it ->
                it.retry(RetryPolicy.builder().maxAttempts(1).build())
                    .wait(Duration.ofSeconds(30)));
    long id = giveUp(inbox, message("a"));
    List<Object> results =
        threads.race(
            6,
            () -> {
              try {
                return replay(inbox.deadLetters(), id, null);
              } catch (UsageException e) {
                return e.code();
              }
            });
    assertThat(results).filteredOn(Outcome.Processed.class::isInstance).hasSize(1);
    assertThat(books.applied()).containsExactly("a");
  }

  @Test
  void replayingWhatMayDoubleNeedsAReason() {
    Inbox inbox = inbox();
    handle(inbox, message("a"));
    Outcome.Mismatch<?> mismatch =
        as(Outcome.Mismatch.class, mustNotRun(inbox, Message.of("a", bytes("other"))));
    Message old = Message.builder("old").time(Instant.now().minus(Duration.ofDays(2))).build();
    Outcome.OutsideWindow<?> outside = as(Outcome.OutsideWindow.class, mustNotRun(inbox, old));
    DeadLetters desk = inbox.deadLetters();
    for (long id : new long[] {mismatch.deadLetterId(), outside.deadLetterId()}) {
      refused("IBX-703", () -> replay(desk, id, null));
      refused("IBX-703", () -> replay(desk, id, " "));
      assertThat(replay(desk, id, "ann: checked by hand")).isInstanceOf(Outcome.Processed.class);
      assertThat(desk.show(id).orElseThrow().resolution()).contains("ann: checked by hand");
    }
    assertThat(books.applied()).containsExactlyInAnyOrder("a", "a", "old");
    assertThat(mustNotRun(inbox, old)).isInstanceOf(Outcome.Duplicate.class);
  }

  @Test
  void aDiscardNeedsAReasonAndEndsTheLetter() {
    Inbox inbox = inbox();
    long id = giveUp(inbox, message("a"));
    DeadLetters desk = inbox.deadLetters();
    refused("IBX-703", () -> desk.discard(id, " "));
    refused("IBX-703", () -> desk.discard(id, null));
    refused("IBX-705", () -> desk.discard(id + 1_000_000, "no such letter"));
    desk.discard(id, "bob: a test message");
    assertThat(desk.show(id).orElseThrow().state()).isEqualTo(DeadLetter.State.DISCARDED);
    refused("IBX-704", () -> desk.discard(id, "again"));
    refused("IBX-704", () -> replay(desk, id, "again"));
    assertThat(mustNotRun(inbox, message("a"))).isInstanceOf(Outcome.DeadLettered.class);
  }

  @Test
  void aMessageWithoutAUsableIdIsKeptOnce() {
    Inbox inbox = inbox();
    DeadLetters desk = inbox.deadLetters();
    long id = desk.storeWithoutId(Map.of("h", "v"), bytes("no id"), "the header id is missing");
    assertThat(desk.storeWithoutId(Map.of("h", "v"), bytes("no id"), "again")).isEqualTo(id);
    assertThat(desk.storeWithoutId(Map.of("h", "v"), bytes("another"), "x")).isNotEqualTo(id);
    DeadLetter letter = desk.show(id).orElseThrow();
    assertThat(letter.key()).isEmpty();
    assertThat(letter.reason()).isEqualTo(Reason.NO_USABLE_ID);
    assertThat(letter.deliveries()).isEqualTo(2);
    assertThat(letter.headers()).isEqualTo(Map.of("h", "v"));
    assertThat(letter.payload()).contains(bytes("no id"));
    refused("IBX-703", () -> replay(desk, id, null));
    assertThat(replay(desk, id, "ann: id found in the log")).isInstanceOf(Outcome.Processed.class);
    assertThat(books.balance()).isEqualTo(1);
  }

  /** As by a collector, which holds the row locked until it commits. */
  @Test
  void aCopyThatComesWhileItsSettledLetterIsDeletedIsStored() throws Exception {
    Inbox inbox = inbox();
    handle(inbox, message("a"));
    DeadLetters desk = inbox.deadLetters();
    long anonymous = desk.storeWithoutId(Map.of(), bytes("no id"), "no id");
    long mismatch =
        as(Outcome.Mismatch.class, mustNotRun(inbox, Message.of("a", bytes("other"))))
            .deadLetterId();
    desk.discard(anonymous, "seen to");
    desk.discard(mismatch, "seen to");

    List<Long> stored =
        committed(
            connection -> {
              try (Statement statement = connection.createStatement()) {
                statement.executeUpdate(
                    "DELETE FROM \"inbox\".\"dead_letter\" WHERE \"id\" IN (%d, %d)"
                        .formatted(anonymous, mismatch));
              }
              return List.of(
                  desk.storeWithoutId(Map.of(), bytes("no id"), "no id"),
                  as(Outcome.Mismatch.class, mustNotRun(inbox, Message.of("a", bytes("other"))))
                      .deadLetterId());
            });

    assertThat(desk.list(DeadLetterQuery.first(9)))
        .extracting(DeadLetter::id)
        .containsExactlyElementsOf(stored)
        .doesNotContain(anonymous, mismatch);
  }

  @Test
  void aCopyWithoutAnIdThatComesWhileItIsReplayedIsStored() {
    Inbox inbox = inbox();
    DeadLetters desk = inbox.deadLetters();
    long first = desk.storeWithoutId(Map.of(), bytes("no id"), "no id");
    List<Long> second = new ArrayList<>();

    Outcome<Void> outcome =
        desk.replay(
            first,
            "ann: id found in the log",
            message ->
                tx ->
                    second.add(
                        threads
                            .start(() -> desk.storeWithoutId(Map.of(), bytes("no id"), "no id"))
                            .get()));

    assertThat(outcome).isInstanceOf(Outcome.Processed.class);
    assertThat(desk.list(DeadLetterQuery.first(9)))
        .extracting(DeadLetter::id)
        .containsExactlyElementsOf(second)
        .doesNotContain(first);
  }

  @Test
  void tenantsHaveDesksOfTheirOwn() {
    Inbox inbox = inbox();
    long id = giveUp(inbox, Message.builder("a").tenant("t").build());
    assertThat(inbox.deadLetters().list(DeadLetterQuery.first(5))).isEmpty();
    assertThat(inbox.deadLetters().show(id)).isEmpty();
    refused("IBX-705", () -> inbox.deadLetters().discard(id, "not mine"));
    assertThat(inbox.deadLetters().ofTenant("t").show(id)).isPresent();
    assertThat(replay(inbox.deadLetters().ofTenant("t"), id, null))
        .isInstanceOf(Outcome.Processed.class);
  }

  @Test
  void severalMismatchingCopiesAreSeveralLetters() {
    Inbox inbox = inbox();
    handle(inbox, message("a"));
    List<Long> ids = new ArrayList<>();
    for (String copy : List.of("x", "y", "x")) {
      ids.add(
          as(Outcome.Mismatch.class, mustNotRun(inbox, Message.of("a", bytes(copy))))
              .deadLetterId());
    }
    assertThat(ids.get(0)).isEqualTo(ids.get(2)).isNotEqualTo(ids.get(1));
    assertThat(inbox.deadLetters().show(ids.get(0)).orElseThrow().deliveries()).isEqualTo(2);
  }

  @Test
  void copiesThatArriveAtOnceAreOneLetter() throws Exception {
    Inbox inbox = inbox();
    handle(inbox, message("a"));
    List<Outcome<Void>> outcomes =
        threads.race(6, () -> mustNotRun(inbox, Message.of("a", bytes("other"))));
    assertThat(outcomes).allMatch(Outcome.Mismatch.class::isInstance);
    assertThat(rows("dead_letter")).isEqualTo(1);
  }

  private static void refused(String code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(UsageException.class)
        .satisfies(it -> assertThat(((UsageException) it).code()).isEqualTo(code));
  }
}
