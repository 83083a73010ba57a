package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.outbox.InMemoryPublisher;
import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.PublishResult;
import io.inbox.outbox.Relay;
import io.inbox.spi.RelayListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What a relay says about itself, and how it ends. */
abstract class RelayLifeContract extends OutboxTesting {

  /** Writes down what it is told. */
  private static final class Minutes implements RelayListener {
    private final List<String> lines = new ArrayList<>();
    private int published;

    @Override
    public synchronized void published(int messages, Duration oldest) {
      published += messages;
      assertThat(oldest).isLessThan(Duration.ofMinutes(5));
    }

    @Override
    public synchronized void failed(OutboxMessage message, PublishResult result, int attempts) {
      lines.add("failed " + payloads(List.of(message)).get(0) + " " + attempts);
    }

    @Override
    public synchronized void deadLettered(
        OutboxMessage message, PublishResult result, int attempts) {
      lines.add("dead " + payloads(List.of(message)).get(0) + " " + attempts + " " + result.kind());
    }

    @Override
    public synchronized void circuit(String topic, boolean open) {
      lines.add((open ? "open " : "closed ") + topic);
    }

    @Override
    public synchronized void slots(Set<Integer> owned) {
      lines.add("slots " + owned.size());
    }

    synchronized int published() {
      return published;
    }

    synchronized List<String> lines(String of) {
      return lines.stream().filter(line -> line.startsWith(of)).toList();
    }
  }

  @Test
  void tellsItsListenerWhatHappens() throws Exception {
    Minutes minutes = new Minutes();
    ScriptedPublisher publisher = new ScriptedPublisher();
    publisher.fail("twice", 2);
    publisher.fail("never", Integer.MAX_VALUE);
    publisher.reject("refused");
    publisher.unreachable("away", 1);
    append(
        outbox(),
        message("orders", "1", "good"),
        message("orders", "2", "twice"),
        message("orders", "3", "never"),
        message("orders", "4", "refused"),
        message("away", "5", "later"));
    Relay relay = relay(publisher, it -> it.retry(QUICK).circuitFailures(10).listener(minutes));
    publisher.await("later");
    publisher.await("twice");
    eventually("one is given up", () -> count("outbox_dead_letter") == 2);
    eventuallyEmpty();
    eventually("all is told", () -> minutes.published() == 3);

    assertThat(minutes.lines("failed twice")).containsExactly("failed twice 1", "failed twice 2");
    assertThat(minutes.lines("failed never")).containsExactly("failed never 1", "failed never 2");
    eventually("it is told", () -> minutes.lines("dead").size() == 2);
    assertThat(minutes.lines("dead"))
        .containsExactlyInAnyOrder("dead never 3 FAILED", "dead refused 1 REJECTED");
    assertThat(minutes.lines("open")).containsExactly("open away");
    assertThat(minutes.lines("closed")).containsExactly("closed away");
    assertThat(minutes.lines("slots")).contains("slots 16");
    relay.close();
  }

  @Test
  void closingWaitsForThePublisherAndDeletesWhatItSent() throws Exception {
    CountDownLatch called = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    ScriptedPublisher publisher = new ScriptedPublisher();
    publisher.before(
        () -> {
          called.countDown();
          Threads.await(go);
        });
    append(outbox(), message("orders", "7", "one"));
    Relay relay = relay(publisher);
    Threads.await(called);

    Thread closing = new Thread(relay::close, "closing");
    closing.start();
    eventually("it waits", () -> closing.getState() == Thread.State.TIMED_WAITING);
    assertThat(owned()).as("slots, kept while a message is under way").isEqualTo(16);
    assertThat(count("outbox")).isEqualTo(1);
    go.countDown();
    closing.join();

    assertThat(publisher.sent()).containsExactly("one");
    assertThat(count("outbox")).isZero();
    assertThat(owned()).isZero();
    assertThat(count("outbox_relay")).isZero();
  }

  @Test
  void closingWaitsNoLongerThanItMay() throws Exception {
    CountDownLatch called = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    ScriptedPublisher publisher = new ScriptedPublisher();
    publisher.before(
        () -> {
          called.countDown();
          go.await();
        });
    append(outbox(), message("orders", "7", "one"));
    Relay relay = relay(publisher, it -> it.closeWait(Duration.ofMillis(100)));
    Threads.await(called);

    relay.close();

    assertThat(count("outbox")).isEqualTo(1);
    go.countDown();
    InMemoryPublisher next = new InMemoryPublisher();
    relay(next);
    assertThat(next.await(1, SOON)).isTrue(); // once its lease is over
    eventuallyEmpty();
  }

  /** As when its process was paused for longer than the lease. */
  @Test
  void slotsThatAnotherTookAreNoLongerItsOwnUntilTheirLeaseIsOver() throws Exception {
    Minutes minutes = new Minutes();
    InMemoryPublisher publisher = new InMemoryPublisher();
    Relay relay = relay(publisher, it -> it.listener(minutes));
    eventually("it owns all", () -> relay.slots().size() == 16);
    books.run(
        "UPDATE "
            + table("outbox_slot")
            + " SET \"owner\" = 'another', \"epoch\" = \"epoch\" + 1,"
            + " \"lease_until\" = CURRENT_TIMESTAMP + INTERVAL '1' HOUR");
    eventually("it has noticed", () -> relay.slots().isEmpty());
    append(outbox(), message("orders", "7", "one"));
    eventually("it is told", () -> minutes.lines("slots").contains("slots 0"));
    assertThat(publisher.published()).isEmpty();

    books.run("UPDATE " + table("outbox_slot") + " SET \"lease_until\" = CURRENT_TIMESTAMP");
    assertThat(publisher.await(1, SOON)).isTrue();
    eventually("it owns all again", () -> relay.slots().size() == 16);
    eventuallyEmpty();
  }

  @Test
  void tellsBothRelaysOfEachChangeOfTheirShares() throws Exception {
    Minutes first = new Minutes();
    Minutes second = new Minutes();
    relay(new InMemoryPublisher(), it -> it.listener(first));
    eventually("it owns all", () -> first.lines("slots").equals(List.of("slots 16")));
    Relay other = relay(new InMemoryPublisher(), it -> it.listener(second));
    eventually("it has its share", () -> second.lines("slots").contains("slots 8"));
    eventually("so has the first", () -> first.lines("slots").contains("slots 8"));
    assertThat(first.lines("slots")).doesNotHaveDuplicates();
    other.close();
    eventually("the other has all again", () -> first.lines("slots").lastIndexOf("slots 16") > 0);
    assertThat(second.lines("slots")).endsWith("slots 0");
  }

  private long owned() {
    return Long.parseLong(
        books.text(
            "SELECT COUNT(*) FROM " + table("outbox_slot") + " WHERE \"owner\" IS NOT NULL"));
  }
}
