package io.inbox.internal.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.PublishResult;
import io.inbox.outbox.Publisher;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The interrupt of a relay that is closed: it reaches the publisher, and goes no further. */
@Timeout(60)
class DispatchTest {
  private static final List<OutboxMessage> ONE =
      List.of(OutboxMessage.of("orders", "7", new byte[0]));

  /** Waits for ever, unless it is interrupted. */
  private static final class Stuck implements Publisher {
    final CountDownLatch entered = new CountDownLatch(1);

    @Override
    public List<PublishResult> publish(List<OutboxMessage> batch) throws Exception {
      entered.countDown();
      new CountDownLatch(1).await();
      return List.of();
    }

    @Override
    public void close() {}
  }

  @Test
  void anInterruptThatComesBeforeThePublisherReachesIt() {
    Dispatch dispatch = new Dispatch(new Stuck());
    dispatch.interrupt();
    for (int call = 0; call < 2; call++) {
      assertThat(dispatch.publish(ONE))
          .singleElement()
          .extracting(PublishResult::kind)
          .isEqualTo(PublishResult.Kind.UNAVAILABLE);
      assertThat(Thread.interrupted()).isFalse();
    }
  }

  @Test
  void anInterruptReachesThePublisherAtWork() throws Exception {
    Stuck stuck = new Stuck();
    Dispatch dispatch = new Dispatch(stuck);
    boolean[] keptInterrupt = {true};
    Thread worker =
        new Thread(
            () -> {
              dispatch.publish(ONE);
              keptInterrupt[0] = Thread.currentThread().isInterrupted();
            });
    worker.start();
    stuck.entered.await();
    dispatch.interrupt();
    worker.join();
    assertThat(keptInterrupt[0]).isFalse();
  }
}
