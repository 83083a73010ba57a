package io.inbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.postgres.PostgresStore;
import io.inbox.testkit.PostgresServer;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/** Processes that go by watermarks and are killed where it hurts, on PostgreSQL. */
final class WatermarkKilledTest {
  private static final Broker BROKER = Broker.shared();
  private static final int PARTITIONS = 2;
  private static final int PART = 400;

  private final PostgresServer server = PostgresServer.shared(PostgresServer.NEWEST);
  private final String name = server.newDatabase();
  private final HikariDataSource pool = server.dataSource(name, 6);
  private final String topic = BROKER.topic(PARTITIONS);
  private final List<String> expected = new ArrayList<>();

  @Test
  void nothingIsLostAndNothingDoubledByKills() throws Exception {
    try (TestInbox inbox =
        TestInbox.on(
            pool, PostgresStore.create(), "payments", "BIGINT GENERATED ALWAYS AS IDENTITY")) {
      send();
      ConsumerProcess first = consumer("first");
      Tests.eventually("some handled", () -> !inbox.effects().isEmpty());
      Tests.eventually("all of the first part", () -> inbox.effects().size() >= PART);

      // After the commit of the database, before that of the offsets.
      killAt(ConsumerProcess.GATE, "first", first);
      ConsumerProcess second = consumer("second");
      Tests.eventually("the second part", () -> inbox.effects().size() >= 2 * PART);

      // Between the handler's start and its commit.
      killAt("LOCK TABLE effect IN SHARE MODE", "second", second);
      try (ConsumerProcess third = consumer("third")) {
        send();
        Tests.eventually("all handled", () -> inbox.effects().size() >= expected.size());
        assertThat(third.alive()).isTrue();
      }
      assertThat(inbox.effects()).hasSize(expected.size());
      assertThat(Tests.byKey(inbox.effects())).isEqualTo(Tests.byKey(expected));
      assertThat(inbox.letters()).isEmpty();
      assertThat(number("SELECT count(*) FROM inbox.message")).as("rows for messages").isZero();
      assertThat(number("SELECT sum(position + 1) FROM inbox.watermark"))
          .isEqualTo(expected.size());
    }
  }

  private void send() {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = 0; i < PART; i++) {
      int partition = i % PARTITIONS;
      String text = "p" + partition + ":" + expected.size();
      expected.add(text);
      records.add(Tests.record(topic, partition, "p" + partition, text));
    }
    BROKER.send(records);
  }

  private ConsumerProcess consumer(String application) throws IOException {
    Map<String, Object> config = BROKER.consumer("group-" + topic);
    return ConsumerProcess.start(
        application,
        new ConsumerProcess.Setting("payments", server.url(name), config, topic, true));
  }

  /** Sends more, and kills a consumer that has run into a lock of ours. */
  private void killAt(String lock, String application, ConsumerProcess consumer) throws Exception {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(lock);
      send();
      Tests.eventually(
          application + " at the lock",
          () ->
              number(
                      "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                          + " AND application_name = '"
                          + application
                          + "'")
                  > 0);
      consumer.kill();
      connection.rollback();
    }
  }

  private long number(String sql) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }
}
