package io.inbox.testkit.crash;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.testkit.fault.FaultPoint;
import io.inbox.testkit.fault.FaultPoints;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** A consumer with an inbox of its own, to which messages are delivered. */
final class Rig implements AutoCloseable {
  private final CrashConsumer consumer;
  private final Watch watch;
  private final Inbox inbox;
  private boolean gaveUp;

  private Rig(CrashConsumer consumer, Watch watch, Inbox inbox) {
    this.consumer = consumer;
    this.watch = watch;
    this.inbox = inbox;
  }

  /** Builds an inbox whose points a watch sees. */
  static Rig open(CrashConsumer consumer, String name, DataSource connections, Watch watch) {
    DataSource observed = FaultPoints.dataSource(new WatchedStatements(connections, watch), watch);
    consumer.start(observed);
    Inbox.Builder builder =
        Inbox.builder(
                name,
                FaultPoints.store(consumer.store(), watch),
                FaultPoints.transactions(consumer.transactions(observed), watch))
            .allowReducedDurability();
    return new Rig(consumer, watch, consumer.options(builder).build());
  }

  /**
   * Delivers on this thread, and returns which messages the broker still has.
   *
   * @param outcomes gets what became of them
   * @throws Throwable what the consumer threw, or the strike
   */
  List<Message> deliver(List<Message> messages, List<String> outcomes) throws Throwable {
    watch.begin();
    watch.reached(FaultPoint.P0_RECEIVED, null);
    List<? extends Outcome<?>> answers = consumer.deliver(inbox, messages);
    if (answers.size() != messages.size()) {
      throw new IllegalStateException(
          "deliver returned %d outcomes for %d messages (return one for each, in their order)"
              .formatted(answers.size(), messages.size()));
    }
    for (Outcome<?> answer : answers) {
      outcomes.add(name(answer));
      gaveUp |= answer instanceof Outcome.DeadLettered;
    }
    watch.reached(FaultPoint.P10_DECIDED, null);
    List<Message> left = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      if (!answers.get(i).acknowledge()) {
        left.add(messages.get(i));
      }
    }
    return left;
  }

  /** The acknowledgements were sent. */
  void acknowledged() throws SQLException {
    watch.reached(FaultPoint.P11_ACKNOWLEDGED, null);
  }

  /** Returns whether a message was given up. */
  boolean gaveUp() {
    return gaveUp;
  }

  private static String name(Outcome<?> outcome) {
    String name = outcome.getClass().getSimpleName();
    if (outcome instanceof Outcome.Failed<?> failed) {
      return name + " (" + failed.reason() + ", " + failed.cause() + ")";
    }
    if (outcome instanceof Outcome.InFlight<?> open) {
      return name + " (" + open.reason() + ")";
    }
    if (outcome instanceof Outcome.DeadLettered<?> dead) {
      return name + " (" + dead.reason() + ", " + dead.cause() + ")";
    }
    return name;
  }

  @Override
  public void close() {
    inbox.close();
  }
}
