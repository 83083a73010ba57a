package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.spi.OutboxStatements.Range;
import io.inbox.spi.OutboxStatements.Row;
import io.inbox.spi.Tables;
import io.inbox.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Plans that were made for an empty outbox must not be used for a full one. */
class OutboxPlanTest {
  private static final int BATCH = 1_024;
  private static final PostgresOutbox OUTBOX = new PostgresOutbox(Tables.ofDefaults());

  @ParameterizedTest
  @ValueSource(ints = {PostgresServer.NEWEST, PostgresServer.OLDEST})
  void aBacklogAfterQuietTimesIsReadAndDeletedQuickly(int version) throws SQLException {
    PaymentsDatabase database = PaymentsDatabase.on(PostgresServer.shared(version));
    try (Connection connection = database.connect()) {
      execute(connection, "UPDATE inbox.outbox_slot SET owner = 'me', epoch = 1");
      execute(connection, "VACUUM ANALYZE inbox.outbox");
      // More often than the driver and the server take to keep a plan.
      for (int i = 0; i < 20; i++) {
        append(connection, 1);
        assertThat(cycle(connection)).isEqualTo(1);
      }
      readsAndDeletesQuickly(connection);
    }
  }

  /** As autovacuum leaves them when it comes while the outbox is empty, and space is kept. */
  @ParameterizedTest
  @ValueSource(ints = {PostgresServer.NEWEST, PostgresServer.OLDEST})
  void aBacklogIsReadAndDeletedQuicklyThoughStatisticsKnowOfNoRows(int version)
      throws SQLException {
    PaymentsDatabase database = PaymentsDatabase.on(PostgresServer.shared(version));
    try (Connection connection = database.connect()) {
      execute(connection, "UPDATE inbox.outbox_slot SET owner = 'me', epoch = 1");
      append(connection, 25_000);
      execute(connection, "DELETE FROM inbox.outbox");
      execute(connection, "ANALYZE inbox.outbox");
      readsAndDeletesQuickly(connection);
    }
  }

  /** Milliseconds with the index, half a minute without. */
  private static void readsAndDeletesQuickly(Connection connection) throws SQLException {
    append(connection, 25_000);
    long start = System.nanoTime();
    for (int i = 0; i < 5; i++) {
      assertThat(cycle(connection)).isEqualTo(BATCH);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
  }

  private static int cycle(Connection connection) throws SQLException {
    List<Range> slots = List.of(new Range(3, 1, Long.MIN_VALUE));
    List<Row> rows = OUTBOX.read(connection, "me", slots, BATCH, Set.of());
    assertThat(OUTBOX.newest(connection, slots).orElseThrow())
        .isGreaterThanOrEqualTo(rows.get(rows.size() - 1).id());
    return OUTBOX.delete(connection, "me", Map.of(3, 1L), rows);
  }

  private static void append(Connection connection, int rows) throws SQLException {
    execute(
        connection,
        "INSERT INTO inbox.outbox (slot, message_id, tenant, topic, key)"
            + " SELECT 3, gen_random_uuid(), '', 'orders', '7' FROM generate_series(1, "
            + rows
            + ")");
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
