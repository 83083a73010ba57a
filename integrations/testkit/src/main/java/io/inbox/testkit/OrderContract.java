package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.Inbox;
import io.inbox.outbox.Relay;
import io.inbox.outbox.WhenExhausted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Nothing is lost, nothing of a transaction that rolled back is sent, and the first publications of
 * a key stand in the order of its commits, while relays come, go, and lose their slots.
 *
 * <p>The system property {@code inbox.order.messages} makes it larger, {@code inbox.order.keys}
 * spreads it.
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES)
abstract class OrderContract extends OutboxTesting {
  private static final int MESSAGES = Integer.getInteger("inbox.order.messages", 2_000);
  private static final int KEYS = Integer.getInteger("inbox.order.keys", 25);
  private static final int WRITERS = 8;

  @Test
  void nothingIsLostAndKeysStayInOrderWhileRelaysComeAndGo() throws Exception {
    run(0, it -> it.batch(64));
  }

  @Test
  void nothingIsLostAndKeysStayInOrderWhilePublishingFails() throws Exception {
    run(
        0.02,
        it ->
            it.batch(40)
                .threads(2)
                .retry(QUICK)
                .circuitFailures(2)
                .circuitMaxOpen(Duration.ofMillis(20))
                .whenExhausted(WhenExhausted.KEEP_BLOCKING));
  }

  private void run(double failing, UnaryOperator<Relay.Builder> options) throws Exception {
    Journal journal = new Journal(failing);
    KeyedWriters writers = new KeyedWriters(this, KEYS, MESSAGES);
    Inbox inbox = writers.inbox();
    Relay first = relay(journal, options);
    Relay second = relay(journal, options);
    List<Future<Object>> running = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      running.add(threads.start(() -> writers.write(inbox)));
    }
    int quarter = MESSAGES / 4;
    journal.await(quarter);
    first.close();
    journal.await(2 * quarter);
    Relay third = relay(journal, options);
    steal();
    journal.await(3 * quarter);
    steal();
    for (Future<Object> writer : running) {
      writer.get(50, TimeUnit.MINUTES);
    }
    steal();
    journal.await(writers.committed().size());
    eventuallyEmpty();
    third.close();
    second.close();

    writers.check(journal.first());
    assertThat(count("outbox_dead_letter")).isZero();
  }

  /** Another relay takes every slot, as it may when a lease is over, and dies at once. */
  private void steal() {
    for (int slot = 0; slot < 16; slot++) { // one by one, to hold no two locks in any other order
      books.run(
          "UPDATE "
              + table("outbox_slot")
              + " SET \"owner\" = 'thief', \"epoch\" = \"epoch\" + 1, \"lease_until\" = CURRENT_TIMESTAMP"
              + " WHERE \"slot\" = ?",
          slot);
    }
  }
}
