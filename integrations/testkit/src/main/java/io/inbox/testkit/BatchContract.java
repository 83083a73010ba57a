package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.BatchHandler;
import io.inbox.DeadLetterQuery;
import io.inbox.Fingerprint;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.RetryPolicy;
import io.inbox.error.ConfigurationException;
import io.inbox.error.InvalidMessageException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Handles many messages by one claim and one commit. */
abstract class BatchContract extends Contract {
  @Test
  void freshMessagesComeInDeliveryOrderInOneTransaction() {
    Inbox inbox = open();
    handle(inbox, message("known"));
    List<List<String>> runs = new ArrayList<>();
    List<Outcome<Void>> outcomes =
        inbox.processBatch(
            List.of(message("z"), message("known"), message("a"), message("m")),
            (fresh, tx) -> {
              runs.add(ids(fresh));
              for (Message message : fresh) {
                books.apply(tx.connection(), message.id(), 1);
              }
            });
    assertThat(runs).containsExactly(List.of("z", "a", "m"));
    assertThat(kinds(outcomes)).containsExactly("Processed", "Duplicate", "Processed", "Processed");
    assertThat(outcomes)
        .extracting(it -> it.key().messageId())
        .containsExactly("z", "known", "a", "m");
    assertThat(books.applied()).containsExactlyInAnyOrder("known", "z", "a", "m");
  }

  /**
   * One statement that meets a key twice fails on some databases, and a double effect on others.
   */
  @Test
  void aRepeatInsideABatchIsADuplicate() {
    Inbox inbox = open();
    List<Outcome<Void>> outcomes =
        note(inbox, List.of(message("a"), message("b"), message("a"), message("a")));
    assertThat(kinds(outcomes)).containsExactly("Processed", "Processed", "Duplicate", "Duplicate");
    assertThat(books.applied()).containsExactlyInAnyOrder("a", "b");
  }

  /** Where one duplicate makes a batch fall back to one by one, redelivery is slow for all. */
  @Test
  void duplicatesDoNotSplitABatch() {
    Inbox inbox = open();
    note(inbox, messages(0, 50));
    List<List<String>> runs = new ArrayList<>();
    List<Outcome<Void>> outcomes =
        inbox.processBatch(messages(25, 75), (fresh, tx) -> runs.add(ids(fresh)));
    assertThat(runs).hasSize(1);
    assertThat(runs.get(0)).isEqualTo(ids(messages(50, 75)));
    assertThat(kinds(outcomes).subList(0, 25)).containsOnly("Duplicate");
    assertThat(note(inbox, messages(0, 75))).allMatch(Outcome::acknowledge);
    runs.clear();
    inbox.processBatch(messages(0, 75), (fresh, tx) -> runs.add(ids(fresh)));
    assertThat(runs).as("a batch without a fresh message").isEmpty();
  }

  @Test
  void aPoisonMessageStandsAloneAndTheOthersCommit() {
    Inbox inbox = open();
    List<Message> batch = messages(0, 16);
    List<Outcome<Void>> outcomes = noteUnlessPoison(inbox, batch, "m0005", "m0011");
    for (int i = 0; i < batch.size(); i++) {
      boolean poison = i == 5 || i == 11;
      assertThat(outcomes.get(i))
          .as("outcome %d", i)
          .isInstanceOf(poison ? Outcome.Failed.class : Outcome.Processed.class);
    }
    assertThat(as(Outcome.Failed.class, outcomes.get(5)).attempt()).isEqualTo(1);
    assertThat(books.applied()).hasSize(14).doesNotHaveDuplicates();
    assertThat(rows("attempt")).as("only the poison was counted").isEqualTo(2);
    assertThat(kinds(note(inbox, batch)))
        .containsExactlyElementsOf(
            IntStream.range(0, 16)
                .mapToObj(i -> i == 5 || i == 11 ? "Processed" : "Duplicate")
                .toList());
  }

  @Test
  void aPoisonMessageEndsInTheDeadLetters() {
    Inbox inbox = open(it -> it.retry(RetryPolicy.builder().maxAttempts(2).build()));
    noteUnlessPoison(inbox, messages(0, 4), "m0002");
    List<Outcome<Void>> second = noteUnlessPoison(inbox, messages(0, 4), "m0002");
    assertThat(as(Outcome.DeadLettered.class, second.get(2)).reason())
        .isEqualTo(Reason.ATTEMPTS_EXHAUSTED);
    assertThat(kinds(noteUnlessPoison(inbox, messages(0, 4), "m0002")))
        .containsExactly("Duplicate", "Duplicate", "DeadLettered", "Duplicate");
    assertThat(inbox.deadLetters().list(DeadLetterQuery.first(5))).hasSize(1);
  }

  @Test
  void whatFollowsUnderTheKeyOfAMessageThatFailedIsItsRepeatOrAnotherCopy() {
    Inbox inbox =
        open(
            it ->
                it.fingerprint(Fingerprint.ofPayload())
                    .retry(RetryPolicy.builder().maxAttempts(1).build()));
    List<Outcome<Void>> outcomes =
        noteUnlessPoison(inbox, List.of(message("a"), message("b"), message("a")), "a");
    assertThat(kinds(outcomes)).containsExactly("DeadLettered", "Processed", "DeadLettered");
    assertThat(as(Outcome.DeadLettered.class, outcomes.get(2)).reason()).isEqualTo(Reason.SAME_KEY);
    Inbox patient =
        open(consumer + "-patient", pool, it -> it.fingerprint(Fingerprint.ofPayload()));
    Message copy = Message.of("c", bytes("another copy"));
    List<String> handled = new ArrayList<>();
    List<Outcome<Void>> copies =
        patient.processBatch(
            List.of(message("c"), copy),
            (fresh, tx) -> {
              if (!fresh.contains(copy)) {
                throw new IllegalStateException("poison");
              }
              handled.addAll(ids(fresh));
            });
    assertThat(kinds(copies)).containsExactly("Failed", "Processed");
    assertThat(handled).containsExactly("c");
  }

  /** An error such as a stack overflow on one message must not give up its neighbours. */
  @Test
  void anErrorIsIsolatedLikeAnException() {
    Inbox inbox = open();
    assertThatThrownBy(
            () ->
                inbox.processBatch(
                    messages(0, 4),
                    (fresh, tx) -> {
                      for (Message message : fresh) {
                        if (message.id().equals("m0003")) {
                          throw new StackOverflowError("on purpose");
                        }
                        books.note(tx.connection(), message.id());
                      }
                    }))
        .isInstanceOf(StackOverflowError.class);
    assertThat(books.applied()).containsExactlyInAnyOrder("m0000", "m0001", "m0002");
    assertThat(rows("attempt")).isEqualTo(1);
  }

  /** Whose fault it is cannot be told, unless the message stands alone. */
  @Test
  void anErrorOfTheMachineIsThrownAtOnceAndCountsForNobody() {
    Inbox inbox = open();
    List<Integer> runs = new ArrayList<>();
    BatchHandler broken =
        (fresh, tx) -> {
          runs.add(fresh.size());
          throw new InternalError("on purpose");
        };
    assertThatThrownBy(() -> inbox.processBatch(messages(0, 4), broken))
        .isInstanceOf(InternalError.class);
    assertThat(runs).containsExactly(4);
    assertThat(rows("attempt")).isZero();
    assertThatThrownBy(() -> inbox.processBatch(messages(0, 1), broken))
        .isInstanceOf(InternalError.class);
    assertThat(rows("attempt")).isEqualTo(1);
    assertThat(kinds(note(inbox, messages(0, 4)))).containsOnly("Processed");
  }

  @Test
  void mismatchesAndOldMessagesAreSetAsideWhileTheOthersCommit() {
    Inbox inbox = open(it -> it.fingerprint(Fingerprint.ofPayload()).window(Duration.ofDays(1)));
    handle(inbox, message("known"));
    Message old = Message.builder("old").time(Instant.now().minus(Duration.ofDays(2))).build();
    List<Outcome<Void>> outcomes =
        note(
            inbox,
            List.of(
                Message.of("known", bytes("other")),
                old,
                message("fresh"),
                Message.of("fresh", bytes("other")),
                message("fresh")));
    assertThat(kinds(outcomes))
        .containsExactly("Mismatch", "OutsideWindow", "Processed", "Mismatch", "Duplicate");
    assertThat(books.applied()).containsExactlyInAnyOrder("known", "fresh");
    assertThat(rows("dead_letter")).isEqualTo(3);
  }

  @Test
  void aMessageDeliveredTooOftenIsGivenUpAndTheOthersCommit() {
    Inbox inbox = open();
    Message killer = Message.builder("killer").deliveryCount(101).build();
    List<Outcome<Void>> outcomes = note(inbox, List.of(message("a"), killer, message("b")));
    assertThat(kinds(outcomes)).containsExactly("Processed", "DeadLettered", "Processed");
    assertThat(as(Outcome.DeadLettered.class, outcomes.get(1)).reason())
        .isEqualTo(Reason.DELIVERIES_EXHAUSTED);
    assertThat(books.applied()).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void aHeldKeyIsInFlightAndTheOthersCommit() throws Exception {
    Inbox inbox = open(it -> it.wait(Duration.ofMillis(50)));
    List<Outcome<Void>> outcomes =
        committed(
            holder -> {
              inbox.claim(holder, message("m0003"));
              return note(inbox, messages(0, 8));
            });
    for (int i = 0; i < 8; i++) {
      assertThat(outcomes.get(i))
          .as("outcome %d", i)
          .isInstanceOf(i == 3 ? Outcome.InFlight.class : Outcome.Processed.class);
    }
    assertThat(books.applied()).hasSize(7);
    assertThat(note(inbox, messages(3, 4)).get(0)).isInstanceOf(Outcome.Duplicate.class);
  }

  @Test
  void anInterruptedBatchIsNotHalvedAndNotCounted() {
    Inbox inbox = open();
    List<Integer> runs = new ArrayList<>();
    List<Outcome<Void>> outcomes =
        inbox.processBatch(
            messages(0, 4),
            (fresh, tx) -> {
              runs.add(fresh.size());
              throw new InterruptedException("told to stop");
            });
    assertThat(Thread.interrupted()).as("the interrupt is kept").isTrue();
    assertThat(runs).containsExactly(4);
    assertThat(kinds(outcomes)).containsOnly("Failed");
    assertThat(rows("attempt")).isZero();
  }

  @Test
  void aBatchMayBeEmptyAndMayBeLarge() {
    Inbox inbox = open();
    assertThat(note(inbox, List.of())).isEmpty();
    List<Message> large = new ArrayList<>(messages(0, 2_000));
    Collections.reverse(large);
    assertThat(kinds(note(inbox, large))).hasSize(2_000).containsOnly("Processed");
    assertThat(books.applied()).hasSize(2_000).doesNotHaveDuplicates();
    List<Message> most = Collections.nCopies(10_000, message("again and again"));
    assertThat(kinds(note(inbox, most))).hasSize(10_000).containsOnlyOnce("Processed");
  }

  @Test
  void everyColumnOfABatchIsStored() {
    Inbox inbox = open(it -> it.fingerprint(Fingerprint.ofPayload()));
    Instant time = Instant.now();
    note(
        inbox,
        List.of(
            message("plain"),
            Message.builder("full")
                .source("s")
                .time(time)
                .subject("order-1")
                .correlationId("c-1")
                .build()));
    String where = " FROM " + table("message") + " WHERE \"consumer\" = ? AND \"message_id\" = ?";
    assertThat(books.text("SELECT \"subject\"" + where, consumer, "full")).isEqualTo("order-1");
    assertThat(books.text("SELECT \"correlation_id\"" + where, consumer, "full")).isEqualTo("c-1");
    assertThat(books.text("SELECT \"subject\"" + where, consumer, "plain")).isEqualTo("null");
    assertThat(books.text("SELECT \"message_time\"" + where, consumer, "full"))
        .isNotEqualTo("null");
  }

  @Test
  void refusesWhatIsNoBatch() {
    Inbox inbox = open();
    List<Message> tenants =
        List.of(
            Message.builder("a").tenant("one").build(), Message.builder("b").tenant("two").build());
    assertThatThrownBy(() -> note(inbox, tenants))
        .isInstanceOf(InvalidMessageException.class)
        .hasMessageContaining("IBX-111")
        .hasMessageContaining("index 1")
        .hasMessageContaining("one batch for each tenant");
    List<Message> tooMany = Collections.nCopies(10_001, message("a"));
    assertThatThrownBy(() -> note(inbox, tooMany))
        .isInstanceOf(InvalidMessageException.class)
        .hasMessageContaining("10001 messages > 10000")
        .hasMessageContaining("smaller batches");
    List<Message> withNull = new ArrayList<>(messages(0, 2));
    withNull.add(null);
    assertThatThrownBy(() -> note(inbox, withNull))
        .isInstanceOf(InvalidMessageException.class)
        .hasMessageContaining("IBX-138");
    assertThatThrownBy(() -> note(inbox, null))
        .isInstanceOf(InvalidMessageException.class)
        .hasMessageContaining("IBX-138");
    assertThatThrownBy(() -> inbox.processBatch(messages(0, 1), null))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("IBX-308");
    assertThat(rows("message")).isZero();
  }

  private List<Outcome<Void>> note(Inbox inbox, List<Message> batch) {
    return noteUnlessPoison(inbox, batch);
  }

  private List<Outcome<Void>> noteUnlessPoison(Inbox inbox, List<Message> batch, String... poison) {
    return inbox.processBatch(
        batch,
        (fresh, tx) -> {
          for (Message message : fresh) {
            books.note(tx.connection(), message.id());
            if (List.of(poison).contains(message.id())) {
              throw new IllegalStateException("poison " + message.id());
            }
          }
        });
  }

  private static List<Message> messages(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> message(String.format("m%04d", i))).toList();
  }

  private static List<String> ids(List<Message> messages) {
    return messages.stream().map(Message::id).toList();
  }
}
