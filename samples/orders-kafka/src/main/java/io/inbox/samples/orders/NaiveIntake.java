package io.inbox.samples.orders;

import io.inbox.Message;
import io.inbox.outbox.Outbox;
import io.inbox.samples.stage.Children;
import io.inbox.samples.stage.Sql;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Handles every delivery, as a careful service without Inbox does: in a transaction, acknowledged
 * after the commit, offsets committed after that. So what is delivered twice is handled twice.
 */
final class NaiveIntake implements Intake {
  private static final Duration POLL = Duration.ofMillis(200);

  private final String consumer;
  private final Setting setting;
  private final DataSource pool;
  private final Outbox outbox;

  private NaiveIntake(String consumer, Setting setting, DataSource pool, Outbox outbox) {
    this.consumer = consumer;
    this.setting = setting;
    this.pool = pool;
    this.outbox = outbox;
  }

  static NaiveIntake open(String consumer, Setting setting, DataSource pool) {
    return new NaiveIntake(consumer, setting, pool, Outbox.open(setting.database().store(), pool));
  }

  @Override
  public Answer take(Message message, Handling handling) {
    try {
      handle(message.payload(), handling);
      return Answer.KEPT;
    } catch (SQLException e) {
      return Answer.again(POLL);
    }
  }

  private void handle(byte[] payload, Handling handling) throws SQLException {
    Sql.inTransaction(
        pool,
        connection -> {
          handling.handle(payload, connection, outbox.on(connection));
          return payload;
        });
  }

  @Override
  public void consume(String topic, Handling handling) {
    Children.daemon(
        consumer,
        () -> {
          while (true) {
            try (KafkaConsumer<byte[], byte[]> records =
                new KafkaConsumer<>(
                    setting.consumer(consumer),
                    new ByteArrayDeserializer(),
                    new ByteArrayDeserializer())) {
              records.subscribe(List.of(topic));
              consume(records, handling);
            } catch (SQLException | KafkaException e) {
              LockSupport.parkNanos(POLL.toNanos()); // then from the last committed offset on
            }
          }
        });
  }

  private void consume(KafkaConsumer<byte[], byte[]> records, Handling handling)
      throws SQLException {
    while (true) {
      for (ConsumerRecord<byte[], byte[]> record : records.poll(POLL)) {
        handle(record.value(), handling);
      }
      records.commitSync();
    }
  }

  @Override
  public @Nullable Throwable failure() {
    return null;
  }

  @Override
  public void close() {
    outbox.close(); // the consumer ends with the process
  }
}
