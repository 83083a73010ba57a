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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An outbox is all but empty most of the time, so that is what the statistics say, and what plans
 * are made and kept by. A backlog that comes then must be read and deleted by the primary key all
 * the same.
 */
class OutboxPlanTest {
  private static final int BATCH = 1_024;
  private static final int SLOTS = 16;
  private static final PostgresOutbox OUTBOX = new PostgresOutbox(Tables.ofDefaults());

  /** What came before the backlog: so many rows, deleted again but for so many, then analyzed. */
  enum Past {
    NEVER_ANALYZED(0, 0, false),
    ANALYZED_EMPTY(0, 0, true),
    FEW_ROWS_IN_MANY_PAGES(20_000, 5, true),
    NO_ROWS_IN_MANY_PAGES(20_000, 0, true);

    private final int rows;
    private final int left;
    private final boolean analyzed;

    Past(int rows, int left, boolean analyzed) {
      this.rows = rows;
      this.left = left;
      this.analyzed = analyzed;
    }
  }

  static List<Arguments> pastsAndSlots() {
    List<Arguments> all = new ArrayList<>();
    for (int version : new int[] {PostgresServer.NEWEST, PostgresServer.OLDEST}) {
      for (Past past : Past.values()) {
        all.add(Arguments.of(version, past, 1));
        all.add(Arguments.of(version, past, SLOTS));
      }
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("pastsAndSlots")
  void aBacklogAfterQuietTimesIsReadAndDeletedByThePrimaryKey(int version, Past past, int slots)
      throws SQLException {
    PaymentsDatabase database = PaymentsDatabase.on(PostgresServer.shared(version));
    try (Connection connection = database.connect()) {
      execute(connection, "ALTER TABLE inbox.outbox SET (autovacuum_enabled = false)");
      execute(connection, "UPDATE inbox.outbox_slot SET owner = 'me', epoch = 1");
      append(connection, past.rows, slots);
      execute(connection, "DELETE FROM inbox.outbox WHERE id > " + past.left);
      if (past.analyzed) {
        execute(connection, "ANALYZE inbox.outbox");
      }
      // More often than the driver and the server take to keep a plan.
      for (int i = 0; i < 20; i++) {
        append(connection, 1, 1);
        cycle(connection, slots);
      }
      append(connection, 25_000, slots);

      long start = System.nanoTime();
      for (int i = 0; i < 5; i++) {
        assertThat(cycle(connection, slots)).isEqualTo(BATCH);
      }
      // Tens of milliseconds; with all rows of the slots compared with all ids, 14 s and more.
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
  }

  private static int cycle(Connection connection, int slots) throws SQLException {
    List<Range> ranges = new ArrayList<>();
    Map<Integer, Long> epochs = new TreeMap<>();
    for (int slot = 0; slot < slots; slot++) {
      ranges.add(new Range(slot, 1, Long.MIN_VALUE));
      epochs.put(slot, 1L);
    }
    List<Row> rows = OUTBOX.read(connection, "me", ranges, BATCH / slots, Set.of());
    assertThat(OUTBOX.newest(connection, ranges).orElseThrow())
        .isGreaterThanOrEqualTo(rows.get(rows.size() - 1).id());
    return OUTBOX.delete(connection, "me", epochs, rows);
  }

  private static void append(Connection connection, int rows, int slots) throws SQLException {
    execute(
        connection,
        "INSERT INTO inbox.outbox (slot, message_id, tenant, topic, key, payload)"
            + " SELECT n % "
            + slots
            + ", gen_random_uuid(), '', 'orders', '7', decode(repeat('ab', 100), 'hex')"
            + " FROM generate_series(1, "
            + rows
            + ") AS n");
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
