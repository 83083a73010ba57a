package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.RetryPolicy;
import io.inbox.error.ConfigurationException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Keeps the order of sequences within a batch, whichever of its messages is not settled. */
abstract class SequenceContract extends Contract {
  @Test
  void whatFollowsAFailedMessageInItsSequenceIsNotHandled() {
    Inbox inbox = open();
    List<Message> batch =
        List.of(of("a", 1), of("b", 1), of("a", 2), of("b", 2), of("a", 3), of("b", 3), of("a", 4));

    List<Outcome<Void>> outcomes = handle(inbox, batch, Set.of("a2"));

    assertThat(kinds(outcomes))
        .containsExactly(
            "Processed", "Processed", "Failed", "Processed", "InFlight", "Processed", "InFlight");
    assertThat(as(Outcome.InFlight.class, outcomes.get(4)).reason())
        .isEqualTo(Reason.BEHIND_ANOTHER);
    assertThat(as(Outcome.InFlight.class, outcomes.get(4)).retryAfter())
        .isEqualTo(as(Outcome.Failed.class, outcomes.get(2)).retryAfter());
    assertThat(books.applied()).containsExactlyInAnyOrder("a1", "b1", "b2", "b3");
    assertThat(rows("attempt")).as("only the one that failed was counted").isEqualTo(1);
    assertThat(kinds(handle(inbox, batch, Set.of())))
        .containsExactly(
            "Duplicate",
            "Duplicate",
            "Processed",
            "Duplicate",
            "Processed",
            "Duplicate",
            "Processed");
  }

  @Test
  void whatFollowsAHeldKeyInItsSequenceWaits() throws Exception {
    Inbox inbox = open(it -> it.wait(Duration.ofMillis(50)));
    List<Outcome<Void>> outcomes =
        committed(
            holder -> {
              inbox.claim(holder, of("a", 1));
              return handle(inbox, List.of(of("a", 1), of("a", 2), of("b", 1)), Set.of());
            });
    assertThat(kinds(outcomes)).containsExactly("InFlight", "InFlight", "Processed");
    assertThat(as(Outcome.InFlight.class, outcomes.get(0)).reason()).isEqualTo(Reason.BUSY);
    assertThat(books.applied()).containsExactly("b1");
  }

  @Test
  void whatFollowsADeadLetterGoesOnAndNotBeforeIt() {
    Inbox inbox = open();
    Message killer =
        Message.builder("a2").subject("a").deliveryCount(101).payload(bytes("2")).build();
    List<String> order = new ArrayList<>();
    List<Outcome<Void>> outcomes =
        inbox.processBatch(
            List.of(of("a", 1), killer, of("a", 3)),
            (fresh, tx) -> fresh.forEach(message -> order.add(message.id())),
            SequenceContract::sequence);
    assertThat(kinds(outcomes)).containsExactly("Processed", "DeadLettered", "Processed");
    assertThat(order).containsExactly("a1", "a3");
  }

  @Test
  void whatFollowsAMessageThatIsTooLargeWaits() {
    Inbox inbox = open(it -> it.maxPayloadBytes(1_000));
    Message large = Message.builder("a2").subject("a").payload(new byte[1_001]).build();
    List<Outcome<Void>> outcomes =
        handle(inbox, List.of(of("a", 1), large, of("a", 3), of("b", 1)), Set.of());
    assertThat(kinds(outcomes)).containsExactly("Processed", "Failed", "InFlight", "Processed");
  }

  @Test
  void aMessageWithoutASequenceWaitsForNone() {
    Inbox inbox = open();
    List<Message> batch = List.of(message("x"), message("y"), message("z"));
    assertThat(kinds(handle(inbox, batch, Set.of("x"))))
        .containsExactly("Failed", "Processed", "Processed");
  }

  /** Random batches that overlap, with messages that fail at random. */
  @Test
  void noMessageIsEverHandledBeforeAnEarlierOneOfItsSequence() {
    Inbox inbox = open(it -> it.retry(RetryPolicy.builder().maxAttempts(90).build()));
    Random random = new Random(7);
    List<Message> all = new ArrayList<>();
    int[] numbers = new int[5];
    for (int i = 0; i < 200; i++) {
      int sequence = random.nextInt(numbers.length);
      all.add(of(String.valueOf((char) ('a' + sequence)), ++numbers[sequence]));
    }
    Map<String, Integer> last = new HashMap<>();
    for (int from = 0; from < all.size(); ) {
      List<Message> batch = all.subList(from, Math.min(from + 30, all.size()));
      Set<String> poison = new HashSet<>();
      batch.forEach(
          message -> {
            if (random.nextInt(20) == 0) {
              poison.add(message.id());
            }
          });
      List<Outcome<Void>> outcomes = handle(inbox, batch, poison);
      for (int i = 0; i < batch.size(); i++) {
        if (outcomes.get(i) instanceof Outcome.Processed) {
          Message message = batch.get(i);
          int number = Integer.parseInt(message.id().substring(1));
          assertThat(number - last.getOrDefault(sequence(message), 0))
              .as("%s in its sequence", message.id())
              .isEqualTo(1);
          last.put(sequence(message), number);
        }
      }
      int settled = 0; // as a broker goes on behind the last offset below which all is settled
      while (settled < batch.size() && outcomes.get(settled).acknowledge()) {
        settled++;
      }
      from += settled;
    }
    assertThat(books.applied()).hasSize(200).doesNotHaveDuplicates();
  }

  @Test
  void aMissingSequenceIsRefused() {
    Inbox inbox = open();
    assertThatThrownBy(() -> inbox.processBatch(List.of(), (fresh, tx) -> {}, null))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("IBX-308");
  }

  private List<Outcome<Void>> handle(Inbox inbox, List<Message> batch, Set<String> poison) {
    return inbox.processBatch(
        batch,
        (fresh, tx) -> {
          for (Message message : fresh) {
            books.note(tx.connection(), message.id());
            if (poison.contains(message.id())) {
              throw new IllegalStateException("poison " + message.id());
            }
          }
        },
        SequenceContract::sequence);
  }

  private static String sequence(Message message) {
    return message.subject().orElse(null);
  }

  private static Message of(String sequence, int number) {
    return Message.builder(sequence + number)
        .subject(sequence)
        .payload(bytes(String.valueOf(number)))
        .build();
  }
}
