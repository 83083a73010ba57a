package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.DeadLetter;
import io.inbox.DeadLetterQuery;
import io.inbox.DuplicatePolicy;
import io.inbox.Fingerprint;
import io.inbox.Handler;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.RetryPolicy;
import io.inbox.error.UsageException;
import io.inbox.spi.Codec;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Copies, replays, other systems and malformed input that get in each other's way. */
abstract class InterferenceContract extends Contract {
  private static final Handler FAILING =
      tx -> {
        throw new IllegalStateException("no");
      };

  private static Inbox.Builder impatient(Inbox.Builder it) {
    return it.fingerprint(Fingerprint.ofPayload())
        .retry(RetryPolicy.builder().maxAttempts(1).build());
  }

  // A last attempt that fails while another copy commits must not be taken for a duplicate of it.
  @Test
  void ofTwoCopiesInARaceNoneIsLost() throws Exception {
    Inbox inbox = open(InterferenceContract::impatient);
    Message one = Message.of("a", bytes("one"));
    Message two = Message.of("a", bytes("two"));
    List<Future<Outcome<Void>>> other = new ArrayList<>();
    Outcome<Void> failed =
        inbox.process(
            two,
            tx -> {
              other.add(threads.start(() -> handle(inbox, one)));
              awaitWaiting(1);
              throw new IllegalStateException("no");
            });
    Outcome<Void> handled = Threads.result(other.get(0));
    List<DeadLetter> letters = inbox.deadLetters().list(DeadLetterQuery.first(10));
    assertThat(failed.acknowledge()).isTrue();
    assertThat(handled.acknowledge()).isTrue();
    // Whoever came first: each content is applied or stored.
    assertThat(books.applied().size() + letters.size()).isEqualTo(2);
  }

  @Test
  void aGivenUpCopyIsNotTakenForTheOtherOneThatWasReplayed() {
    Inbox inbox = open(InterferenceContract::impatient);
    inbox.process(Message.of("a", bytes("one")), FAILING);
    handle(inbox, Message.of("a", bytes("two")));
    DeadLetter givenUp = letter(inbox, Reason.ATTEMPTS_EXHAUSTED);
    DeadLetter copy = letter(inbox, Reason.MISMATCH);
    inbox.deadLetters().replay(copy.id(), "the second one is right", it -> tx -> {});
    assertThatThrownBy(() -> inbox.deadLetters().replay(givenUp.id(), null, it -> tx -> {}))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("IBX-703")
        .hasMessageContaining("another copy");
    assertThat(letter(inbox, Reason.ATTEMPTS_EXHAUSTED).id()).isEqualTo(givenUp.id());
  }

  @Test
  void aCopyDoesNotWaitForItsOwnReplay() throws Exception {
    Inbox inbox = open(it -> it.fingerprint(Fingerprint.ofPayload()));
    handle(inbox, Message.of("a", bytes("one")));
    Message copy = Message.of("a", bytes("two"));
    handle(inbox, copy);
    long id = letter(inbox, Reason.MISMATCH).id();
    Outcome<Void> replayed =
        inbox
            .deadLetters()
            .replay(
                id,
                "it was meant so",
                it ->
                    tx ->
                        assertThat(Threads.result(threads.start(() -> handle(inbox, copy))))
                            .isInstanceOf(Outcome.Mismatch.class));
    assertThat(replayed).isInstanceOf(Outcome.Processed.class);
  }

  // What another system's driver throws looks like an outage of this database.
  @Test
  void anErrorOfAnotherSystemCountsAsTheHandlers() {
    Inbox inbox = open();
    Handler asksElsewhere =
        tx -> {
          throw new SQLTransientConnectionException("the other database is down");
        };
    assertThat(as(Outcome.Failed.class, inbox.process(message("a"), asksElsewhere)).attempt())
        .isEqualTo(1);
    List<Outcome<Void>> batch =
        inbox.processBatch(
            List.of(message("x"), message("a"), message("y")),
            (fresh, tx) -> {
              for (Message message : fresh) {
                if (message.id().equals("a")) {
                  asksElsewhere.handle(tx);
                }
                books.apply(tx.connection(), message.id(), 1);
              }
            });
    assertThat(kinds(batch)).containsExactly("Processed", "Failed", "Processed");
  }

  @Test
  void anInterruptDoesNotCountAndIsKept() {
    Inbox inbox = open();
    Outcome<Void> outcome =
        inbox.process(
            message("a"),
            tx -> {
              throw new InterruptedException();
            });
    assertThat(Thread.interrupted()).isTrue();
    Outcome.Failed<?> failed = as(Outcome.Failed.class, outcome);
    assertThat(failed.attempt()).isZero();
    assertThat(failed.reason()).isEqualTo(Reason.INTERRUPTED);
  }

  @Test
  void aStackOverflowInABatchCountsForItsMessageOnly() {
    Inbox inbox = open();
    List<Message> messages = List.of(message("a"), message("b"), message("c"), message("d"));
    assertThatThrownBy(
            () ->
                inbox.processBatch(
                    messages,
                    (fresh, tx) -> {
                      if (fresh.stream().anyMatch(it -> it.id().equals("c"))) {
                        throw new StackOverflowError();
                      }
                    }))
        .isInstanceOf(StackOverflowError.class);
    assertThat(rows("attempt")).isEqualTo(1);
  }

  @Test
  void aMessageOverTheLimitDoesNotRefuseItsBatch() {
    Inbox inbox = open(it -> it.maxPayloadBytes(20));
    List<Outcome<Void>> outcomes =
        inbox.processBatch(
            List.of(Message.of("a", bytes("fits")), Message.of("b", new byte[21])),
            (fresh, tx) -> books.apply(tx.connection(), fresh.get(0).id(), fresh.size()));
    assertThat(kinds(outcomes)).containsExactly("Processed", "Failed");
    Outcome.Failed<?> refused = as(Outcome.Failed.class, outcomes.get(1));
    assertThat(refused.reason()).isEqualTo(Reason.INVALID);
    assertThat(refused.cause()).hasMessageContaining("IBX-131").hasMessageContaining("21 bytes");
  }

  @Test
  void aResultThatCannotBeDecodedAnyMoreIsStillADuplicate() throws Exception {
    Inbox inbox = open(it -> it.onDuplicate(DuplicatePolicy.RETURN_FIRST_RESULT));
    Message message = message("a");
    inbox
        .typed(Codec.utf8())
        .returning(Codec.bytes())
        .process(message, (text, tx) -> new byte[] {(byte) 0xff});
    Outcome<String> again =
        inbox.typed(Codec.utf8()).returning(Codec.utf8()).process(message, (text, tx) -> "x");
    assertThat(as(Outcome.Duplicate.class, again).result()).isNull();
  }

  @Test
  void aResultLeftOverFromAnEarlierLifeOfTheKeyIsReplaced() {
    Inbox inbox = open(it -> it.onDuplicate(DuplicatePolicy.RETURN_FIRST_RESULT));
    var typed = inbox.typed(Codec.utf8()).returning(Codec.utf8());
    typed.process(message("a"), (text, tx) -> "first life");
    books.run("DELETE FROM " + table("message") + " WHERE \"consumer\" = ?", consumer);
    assertThat(
            as(Outcome.Processed.class, typed.process(message("a"), (text, tx) -> "second life")))
        .isNotNull();
    assertThat(as(Outcome.Duplicate.class, typed.process(message("a"), (text, tx) -> "x")).result())
        .isEqualTo("second life");
  }

  @Test
  void whatHasNoIdIsStoredWhateverItCarries() {
    Inbox inbox = open();
    Map<String, String> headers = new HashMap<>();
    for (int i = 0; i < 300; i++) {
      headers.put("header-" + i, "value");
    }
    headers.put("null", null);
    long id = inbox.deadLetters().storeWithoutId(headers, bytes("x"), "why\0not");
    assertThat(inbox.deadLetters().show(id).orElseThrow().error()).contains("why?not");
    inbox.deadLetters().discard(id, "seen\0it");
    // It may be another message that looks the same, so somebody has to see it.
    assertThat(inbox.deadLetters().storeWithoutId(headers, bytes("x"), "again")).isEqualTo(id);
    assertThat(letter(inbox, Reason.NO_USABLE_ID).deliveries()).isEqualTo(2);
  }

  @Test
  void anErrorThatCannotDescribeItselfIsCounted() {
    Inbox inbox = open();
    Outcome<Void> outcome =
        inbox.process(
            message("a"),
            tx -> {
              throw new Undescribable();
            });
    assertThat(as(Outcome.Failed.class, outcome).attempt()).isEqualTo(1);
  }

  @Test
  void theLongestWindowWorksForMessagesWithATime() {
    Inbox inbox = open(it -> it.window(Duration.ofDays(36_500)).maxAhead(Duration.ofDays(36_500)));
    Message old = Message.builder("a").time(Instant.parse("1990-01-01T00:00:00Z")).build();
    assertThat(handle(inbox, old)).isInstanceOf(Outcome.Processed.class);
    assertThat(
            kinds(
                inbox.processBatch(
                    List.of(Message.builder("b").time(Instant.now()).build()), (fresh, tx) -> {})))
        .containsExactly("Processed");
  }

  @Test
  void noWayLeadsFromTheHandlersConnectionToTheRawOne() {
    Inbox inbox = open();
    Outcome<Void> outcome =
        inbox.process(
            message("a"),
            tx -> {
              Connection connection = tx.connection();
              assertThat(connection.unwrap(Connection.class)).isSameAs(connection);
              assertThat(connection.getMetaData().getConnection()).isSameAs(connection);
              try (PreparedStatement statement =
                  connection.prepareStatement("SELECT owner FROM account WHERE owner = ?")) {
                statement.setString(1, books.owner());
                try (ResultSet rows = statement.executeQuery()) {
                  assertThat(rows.getStatement().getConnection()).isSameAs(connection);
                }
              }
            });
    assertThat(outcome).isInstanceOf(Outcome.Processed.class);
  }

  @Test
  void whatAnAfterCommitActionThrowsChangesNothing() {
    Inbox inbox = open();
    Outcome<Void> outcome =
        inbox.process(
            message("a"),
            tx ->
                tx.afterCommit(
                    () -> {
                      throw new AssertionError("not your business");
                    }));
    assertThat(outcome).isInstanceOf(Outcome.Processed.class);
  }

  // Claiming another message in the handler's transaction: a refused insert of the library's own
  // is no failed statement of the handler.
  @Test
  void aHandlerMayClaimAnotherMessageInItsTransaction() {
    Inbox inbox = open();
    handle(inbox, message("known"));
    Outcome<Void> outcome =
        inbox.process(
            message("a"),
            tx -> {
              inbox.claim(tx.connection(), message("known"));
              inbox.claim(tx.connection(), message("new"));
              books.apply(tx.connection(), "a", 1);
            });
    assertThat(outcome).isInstanceOf(Outcome.Processed.class);
    assertThat(mustNotRun(inbox, message("new"))).isInstanceOf(Outcome.Duplicate.class);
  }

  private static DeadLetter letter(Inbox inbox, Reason reason) {
    return inbox.deadLetters().list(DeadLetterQuery.first(10).because(reason)).get(0);
  }

  /** Its description is as broken as it is. */
  private static final class Undescribable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new IllegalStateException("and this, too");
    }
  }
}
