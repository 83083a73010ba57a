package io.inbox.samples.orders;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.kafka.KafkaInbox;
import io.inbox.kafka.RecordHandler;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Handles every message once, as a service with Inbox does. */
final class InboxIntake implements Intake {
  /** Small, so that whoever is killed has something in hand. */
  private static final int BATCH = 25;

  private static final Duration CLOSE_WAIT = Duration.ofSeconds(2);

  private final Setting setting;
  private final Inbox inbox;
  private @Nullable KafkaInbox topic;

  private InboxIntake(Setting setting, Inbox inbox) {
    this.setting = setting;
    this.inbox = inbox;
  }

  /**
   * Opens the inbox of a consumer.
   *
   * @param duplicate is told of every delivery that was recognised
   */
  static InboxIntake open(String consumer, Setting setting, DataSource pool, Runnable duplicate) {
    return new InboxIntake(
        setting,
        Inbox.builder(consumer, setting.database().store(), pool)
            .listener(
                event -> {
                  if (event.outcome() instanceof Outcome.Duplicate) {
                    duplicate.run();
                  }
                })
            .build());
  }

  @Override
  public Answer take(Message message, Handling handling) {
    Outcome<Void> outcome =
        inbox.process(
            message, tx -> handling.handle(message.payload(), tx.connection(), tx.outbox()));
    if (outcome instanceof Outcome.Failed<Void> failed) {
      return Answer.again(failed.retryAfter());
    }
    if (outcome instanceof Outcome.InFlight<Void> busy) {
      return Answer.again(busy.retryAfter());
    }
    return Answer.KEPT;
  }

  @Override
  public void consume(String name, Handling handling) {
    RecordHandler records =
        RecordHandler.builder(
                inbox,
                message -> tx -> handling.handle(message.payload(), tx.connection(), tx.outbox()))
            .requireId()
            .build();
    topic =
        KafkaInbox.builder(setting.consumer(inbox.consumer()), records)
            .topics(name)
            .batchSize(BATCH)
            .closeWait(CLOSE_WAIT)
            .start();
  }

  @Override
  public @Nullable Throwable failure() {
    return topic == null ? null : topic.failure().orElse(null);
  }

  @Override
  public void close() {
    if (topic != null) {
      topic.close();
    }
    inbox.close();
  }
}
