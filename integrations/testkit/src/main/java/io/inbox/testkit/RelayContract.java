package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.error.ConfigurationException;
import io.inbox.error.UsageException;
import io.inbox.outbox.InMemoryPublisher;
import io.inbox.outbox.Outbox;
import io.inbox.outbox.OutboxDeadLetter;
import io.inbox.outbox.OutboxDeadLetterQuery;
import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.Relay;
import io.inbox.outbox.WhenExhausted;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a relay publishes, in which order, and what it does when it cannot. */
abstract class RelayContract extends OutboxTesting {

  @Test
  void publishesWhatWasCommittedAndDeletesIt() throws Exception {
    InMemoryPublisher publisher = new InMemoryPublisher();
    OutboxMessage message =
        OutboxMessage.to("orders")
            .key("7")
            .header("a", "1 & ü")
            .payload(bytes("paid"))
            .correlationId("c")
            .causationId("d")
            .tenant("t")
            .build();

    append(outbox(), message);
    relay(publisher);

    assertThat(publisher.await(1, SOON)).isTrue();
    OutboxMessage published = publisher.published().get(0);
    assertThat(published).usingRecursiveComparison().isEqualTo(message);
    eventuallyEmpty();
    assertThat(publisher.published()).hasSize(1);
  }

  @Test
  void publishesTheMessagesOfAKeyInOrderAcrossBatches() throws Exception {
    InMemoryPublisher publisher = new InMemoryPublisher();
    Outbox outbox = outbox();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      append(outbox, message("orders", "7", "a" + i), message("orders", "7", "b" + i));
      expected.add("a" + i);
      expected.add("b" + i);
    }

    relay(publisher, it -> it.batch(7));

    assertThat(publisher.await(200, SOON)).isTrue();
    eventuallyEmpty();
    assertThat(payloads(publisher)).isEqualTo(expected);
  }

  @Test
  void isWokenByACommitOfThisProcess() throws Exception {
    InMemoryPublisher publisher = new InMemoryPublisher();
    Relay relay = relay(publisher, it -> it.pollEvery(Duration.ofHours(1)).notifications(false));
    Outbox outbox = outbox();
    eventually("the relay owns every slot", () -> relay.slots().size() == 16);

    for (int i = 1; i <= 20; i++) {
      append(outbox, message("orders", "key " + i, "m" + i));
      assertThat(publisher.await(i, Duration.ofSeconds(10))).as("message %s", i).isTrue();
    }
  }

  @Test
  void aMessageThatFailsHoldsBackItsKeyOnly() throws Exception {
    ScriptedPublisher publisher = new ScriptedPublisher();
    publisher.fail("bad", 2);
    Outbox outbox = outbox();
    append(
        outbox,
        message("orders", "7", "bad"),
        message("orders", "7", "after bad"),
        message("orders", "8", "other"));

    relay(publisher, it -> it.retry(QUICK));
    publisher.await("other");
    append(outbox, message("orders", "7", "later"));
    publisher.await("later");

    assertThat(publisher.sent("7")).containsExactly("bad", "after bad", "later");
    assertThat(publisher.sent()).startsWith("other");
    eventuallyEmpty();
    assertThat(count("outbox_blocked")).isZero();
  }

  @Test
  void aMessageIsGivenUpAfterItsLastAttemptAndTheOthersOfItsKeyGoOn() throws Exception {
    ScriptedPublisher publisher = new ScriptedPublisher();
    publisher.fail("bad", Integer.MAX_VALUE);
    Outbox outbox = outbox();
    append(outbox, message("orders", "7", "bad"), message("orders", "7", "good"));

    relay(publisher, it -> it.retry(QUICK));
    publisher.await("good");
    eventuallyEmpty();

    List<OutboxDeadLetter> letters =
        outbox.deadLetters().list(OutboxDeadLetterQuery.first(10).to("orders"));
    assertThat(letters).hasSize(1);
    OutboxDeadLetter letter = outbox.deadLetters().show(letters.get(0).id()).orElseThrow();
    assertThat(letter.message().payload()).isEqualTo(bytes("bad"));
    assertThat(letter.failure().attempts()).isEqualTo(3);
    assertThat(letter.failure().reason()).isEqualTo("ATTEMPTS_EXHAUSTED");
    assertThat(letter.failure().error()).isEqualTo("scripted");

    publisher.heal();
    outbox.deadLetters().requeue(letter.id(), "the receiver was mended");
    publisher.await("bad");
    assertThat(publisher.messages("bad").get(0).id()).isEqualTo(letter.message().id());
    assertThatThrownBy(() -> outbox.deadLetters().requeue(letter.id(), "again"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("REQUEUED");
    assertThatThrownBy(() -> outbox.deadLetters().discard(letter.id(), " "))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("reason");
  }

  @Test
  void aMessageThatCanNeverBeSentIsGivenUpAtOnce() throws Exception {
    ScriptedPublisher publisher = new ScriptedPublisher();
    publisher.reject("bad");
    Outbox outbox = outbox();
    append(outbox, message("orders", "7", "bad"), message("orders", "7", "good"));

    relay(publisher);
    publisher.await("good");

    OutboxDeadLetter letter = outbox.deadLetters().list(OutboxDeadLetterQuery.first(10)).get(0);
    assertThat(letter.failure().reason()).isEqualTo("REJECTED");
    outbox.deadLetters().discard(letter.id(), "nobody needs it");
    assertThat(outbox.deadLetters().list(OutboxDeadLetterQuery.first(10))).isEmpty();
    assertThat(
            outbox
                .deadLetters()
                .list(OutboxDeadLetterQuery.first(10).in(OutboxDeadLetter.State.DISCARDED)))
        .hasSize(1);
  }

  @Test
  void keepsBlockingWhereAGapIsWorseThanAHalt() throws Exception {
    ScriptedPublisher publisher = new ScriptedPublisher();
    publisher.fail("bad", 8);
    append(outbox(), message("orders", "7", "bad"), message("orders", "7", "good"));

    relay(publisher, it -> it.retry(QUICK).whenExhausted(WhenExhausted.KEEP_BLOCKING));
    publisher.await("good");

    assertThat(publisher.sent("7")).containsExactly("bad", "good");
    assertThat(count("outbox_dead_letter")).isZero();
  }

  @Test
  void countsNoAttemptWhileTheDestinationCannotBeReached() throws Exception {
    ScriptedPublisher publisher = new ScriptedPublisher();
    publisher.unreachable("orders", 20);
    append(
        outbox(),
        message("orders", "7", "one"),
        message("orders", "7", "two"),
        message("mails", "7", "mail"));

    relay(publisher, it -> it.retry(QUICK));
    publisher.await("two");

    assertThat(publisher.sent("7")).containsExactly("mail", "one", "two");
    assertThat(count("outbox_dead_letter")).isZero();
    eventuallyEmpty();
  }

  @Test
  void anOutageThatThePublisherThrowsForUsesUpNoAttempts() throws Exception {
    ScriptedPublisher publisher = new ScriptedPublisher();
    publisher.throwForAll(20);
    append(
        outbox(),
        message("orders", "1", "a"),
        message("orders", "2", "b"),
        message("orders", "3", "c"),
        message("orders", "4", "d"),
        message("orders", "1", "e"));

    relay(publisher, it -> it.retry(QUICK));
    publisher.await("e");

    assertThat(publisher.sent()).containsExactlyInAnyOrder("a", "b", "c", "d", "e");
    assertThat(publisher.sent("1")).containsExactly("a", "e");
    assertThat(count("outbox_dead_letter")).isZero();
  }

  @Test
  void aMessageThatMakesThePublisherThrowIsFoundAmongTheOthers() throws Exception {
    ScriptedPublisher publisher = new ScriptedPublisher();
    publisher.throwFor("bad");
    List<OutboxMessage> messages = new ArrayList<>();
    messages.add(message("orders", "bad", "bad"));
    for (int i = 0; i < 10; i++) {
      messages.add(message("orders", "key " + i, "m" + i));
    }
    Outbox outbox = outbox();
    append(outbox, messages.toArray(new OutboxMessage[0]));
    relay(publisher, it -> it.retry(QUICK));
    publisher.await("m9");

    AtomicInteger healthy = new AtomicInteger();
    eventually(
        "the culprit is given up",
        () -> {
          String payload = "h" + healthy.incrementAndGet();
          append(outbox, message("orders", "healthy", payload)); // as live traffic would
          publisher.await(payload);
          return count("outbox_dead_letter") == 1;
        });
    eventuallyEmpty();
  }

  @Test
  void aDelayedMessageIsPublishedWhenItIsDue() throws Exception {
    InMemoryPublisher publisher = new InMemoryPublisher();
    Outbox outbox = outbox();
    Instant due = Instant.now().plusMillis(700);
    relay(publisher);
    append(
        outbox,
        OutboxMessage.to("orders").key("7").payload(bytes("late")).notBefore(due).build(),
        message("orders", "7", "now"));

    assertThat(publisher.await(2, SOON)).isTrue();

    assertThat(Instant.now()).isAfterOrEqualTo(due);
    assertThat(payloads(publisher)).containsExactly("now", "late");
    assertThat(count("outbox_delayed")).isZero();
  }

  @Test
  void twoRelaysShareTheSlotsAndOneTakesOverFromTheOther() throws Exception {
    InMemoryPublisher publisher = new InMemoryPublisher();
    Outbox outbox = outbox();
    Relay first = relay(publisher);
    eventually("the first owns all", () -> first.slots().size() == 16);
    Relay second = relay(publisher);
    eventually("both own half", () -> first.slots().size() == 8 && second.slots().size() == 8);

    for (int i = 0; i < 50; i++) {
      append(outbox, message("orders", "key " + i, "m" + i));
    }
    assertThat(publisher.await(50, SOON)).isTrue();
    first.close();
    eventually("the second owns all", () -> second.slots().size() == 16);
    for (int i = 50; i < 100; i++) {
      append(outbox, message("orders", "key " + i, "m" + i));
    }

    assertThat(publisher.await(100, SOON)).isTrue();
    eventuallyEmpty();
    assertThat(publisher.published()).hasSize(100);
  }

  @Test
  void aRelayWhoseSlotsWereTakenChangesNothing() throws Exception {
    CountDownLatch called = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger calls = new AtomicInteger();
    ScriptedPublisher zombie = new ScriptedPublisher();
    zombie.before(
        () -> {
          if (calls.incrementAndGet() == 1) {
            called.countDown();
            Threads.await(go);
          }
        });
    zombie.fail("one", Integer.MAX_VALUE);
    Outbox outbox = outbox();
    append(outbox, message("orders", "7", "one"), message("orders", "7", "two"));
    relay(zombie, it -> it.retry(QUICK));
    Threads.await(called);

    // Another relay takes the slot meanwhile, as it may when the lease is over.
    books.run(
        "UPDATE " + table("outbox_slot") + " SET \"owner\" = 'another', \"epoch\" = \"epoch\" + 1");
    go.countDown();
    eventually("the zombie has noticed", () -> zombie.results() > 0);
    zombie.heal();

    assertThat(count("outbox")).isEqualTo(2);
    assertThat(count("outbox_parked")).isZero();
    assertThat(count("outbox_blocked")).isZero();
  }

  @Test
  void longPayloadsComeWhole() throws Exception {
    InMemoryPublisher publisher = new InMemoryPublisher();
    byte[] large = new byte[900_000];
    large[899_999] = 7;
    append(
        outbox(),
        OutboxMessage.of("orders", "7", large),
        OutboxMessage.of("orders", "7", new byte[0]),
        OutboxMessage.of("orders", "7", null));

    relay(publisher);

    assertThat(publisher.await(3, SOON)).isTrue();
    assertThat(publisher.published().get(0).payload()).isEqualTo(large);
    assertThat(publisher.published().get(1).hasPayload()).isTrue();
    assertThat(publisher.published().get(1).payload()).isEmpty();
    assertThat(publisher.published().get(2).hasPayload()).isFalse();
  }

  @Test
  void refusesOptionsThatBreakAPromise() {
    InMemoryPublisher publisher = new InMemoryPublisher();
    assertThatThrownBy(() -> relay(publisher, it -> it.batch(0)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("batch");
    assertThatThrownBy(() -> relay(publisher, it -> it.pollEvery(Duration.ZERO)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("spin");
    assertThatThrownBy(() -> relay(publisher, it -> it.lease(Duration.ofMillis(1))))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("lease");
    assertThatThrownBy(() -> relay(publisher, it -> it.name("two words")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("name");
    assertThatThrownBy(() -> Relay.builder(database().store(), null, publisher))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("DataSource");
  }
}
