package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.DuplicatePolicy;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.error.UsageException;
import io.inbox.outbox.Outbox;
import io.inbox.outbox.OutboxMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A duplicate that sends what the first handling appended once more. */
abstract class SendAgainContract extends OutboxTesting {

  private Inbox repeating() {
    return open(it -> it.onDuplicate(DuplicatePolicy.SEND_OUTBOX_AGAIN));
  }

  private static List<UUID> ids(List<OutboxMessage> messages) {
    return messages.stream().map(OutboxMessage::id).toList();
  }

  @Test
  void aDuplicateSendsTheSameMessagesAgain() throws Exception {
    Inbox inbox = repeating();
    OutboxMessage whole =
        OutboxMessage.to("orders")
            .key("7")
            .tenant("acme")
            .header("a", "b")
            .payload(bytes("one"))
            .correlationId("c")
            .causationId("d")
            .build();
    Message handled = Message.builder("a").tenant("acme").build();
    inbox.process(
        handled,
        tx -> {
          tx.outbox().append(whole);
          tx.outbox().append(message("orders", "7", "two"));
        });
    List<OutboxMessage> first = relayed(2);

    for (int i = 0; i < 2; i++) {
      assertThat(mustNotRun(inbox, handled)).isInstanceOf(Outcome.Duplicate.class);
      List<OutboxMessage> again = relayed(2);
      assertThat(again).usingRecursiveComparison().isEqualTo(first);
      assertThat(ids(again)).isEqualTo(ids(first));
    }
  }

  @Test
  void aDuplicateComesWhileTheFirstIsStillWaiting() throws Exception {
    Inbox inbox = repeating();
    for (int i = 0; i < 3; i++) {
      inbox.process(message("a"), tx -> tx.outbox().append(message("orders", "7", "x")));
    }
    List<OutboxMessage> published = relayed(3);
    assertThat(ids(published)).containsOnly(published.get(0).id());
  }

  @Test
  void theDefaultPolicySendsNothingAgain() throws Exception {
    Inbox inbox = open();
    inbox.process(message("a"), tx -> tx.outbox().append(message("orders", "7", "x")));
    mustNotRun(inbox, message("a"));
    relayed(1);
    assertThat(count("outbox_kept")).isZero();
  }

  @Test
  void eachMessageOfABatchKeepsItsOwn() throws Exception {
    Inbox inbox = repeating();
    List<Message> batch = List.of(message("a"), message("b"), message("c"));
    inbox.processBatch(
        batch,
        (fresh, tx) -> {
          for (Message message : fresh) {
            tx.outbox().append(message("orders", "7", message.id() + "1"), message);
            tx.outbox().append(message("orders", "7", message.id() + "2"), message);
          }
        });
    List<OutboxMessage> first = relayed(6);
    assertThat(payloads(first)).containsExactly("a1", "a2", "b1", "b2", "c1", "c2");

    List<Outcome<Void>> outcomes =
        inbox.processBatch(
            List.of(message("b"), message("d")),
            (fresh, tx) -> tx.outbox().append(message("orders", "7", "d1"), fresh.get(0)));
    assertThat(kinds(outcomes)).containsExactly("Duplicate", "Processed");
    List<OutboxMessage> again = relayed(3);
    assertThat(payloads(again)).containsExactly("b1", "b2", "d1");
    assertThat(ids(again).subList(0, 2)).isEqualTo(ids(first).subList(2, 4));
  }

  @Test
  void inABatchItMustBeSaidWhoseItIs() throws Exception {
    List<Outcome<Void>> outcomes =
        repeating()
            .processBatch(
                List.of(message("a"), message("b")),
                (fresh, tx) -> tx.outbox().append(message("orders", "7", "x")));
    for (Outcome<Void> outcome : outcomes) {
      assertThat(as(Outcome.Failed.class, outcome).cause())
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("IBX-406")
          .hasMessageContaining("append(message, cause)");
    }
    assertThat(count("outbox")).isZero();
    assertThat(count("outbox_kept")).isZero();
  }

  @Test
  void aFailedHandlingKeepsNothing() throws Exception {
    Inbox inbox = repeating();
    inbox.process(
        message("a"),
        tx -> {
          tx.outbox().append(message("orders", "7", "a lie"));
          throw new IllegalStateException("scripted");
        });
    assertThat(count("outbox_kept")).isZero();
    inbox.process(message("a"), tx -> tx.outbox().append(message("orders", "7", "x")));
    mustNotRun(inbox, message("a"));
    assertThat(payloads(relayed(2))).containsExactly("x", "x");
  }

  @Test
  void aMessageOfAnotherTenantIsSentAgainAsItWas() throws Exception {
    Inbox inbox = repeating();
    OutboxMessage foreign = OutboxMessage.to("orders").key("7").tenant("other").build();
    Message handled = Message.builder("a").tenant("acme").build();
    inbox.process(handled, tx -> tx.outbox().append(foreign));
    mustNotRun(inbox, handled);
    assertThat(relayed(2)).allMatch(it -> it.tenant().equals("other"));
  }

  @Test
  void isSentAgainAfterTheNumberOfSlotsHasChanged() throws Exception {
    List<Message> handled = new ArrayList<>();
    try (Inbox inbox = repeating()) {
      for (int i = 0; i < 20; i++) {
        String key = "key " + i;
        handled.add(message("m" + i));
        inbox.process(handled.get(i), tx -> tx.outbox().append(message("orders", key, "x")));
      }
    }
    relayed(20);
    Outbox outbox = outbox();
    try {
      outbox.resize(3);
      Inbox inbox = repeating();
      handled.forEach(message -> mustNotRun(inbox, message));
      relayed(20);
    } finally {
      books.run("DELETE FROM " + table("outbox"));
      outbox.resize(16);
    }
  }
}
