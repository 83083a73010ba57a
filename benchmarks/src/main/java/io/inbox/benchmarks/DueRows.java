package io.inbox.benchmarks;

import java.sql.SQLException;

/** Keys of which half are due, as a service leaves them: the older ones lie first. */
final class DueRows {
  /** Longer ago than window and margin of every collector here. */
  private static final String LONG_AGO = "interval '30 days'";

  private DueRows() {}

  /** Fills the table anew, vacuumed and analysed, with a checkpoint after it. */
  static void fill(DurablePostgres server, long rows) throws SQLException {
    server.execute("TRUNCATE inbox.message");
    server.execute(
        """
        INSERT INTO inbox.message (tenant, consumer, source, message_id, handled_at, subject)
        SELECT '', 'library', 'stripe', 'evt_' || md5(i::text),
          now() - CASE WHEN i <= %1$d THEN %2$s ELSE interval '1 day' END + i * interval '1 ms',
          'account-' || i %% 100000
        FROM generate_series(1, %3$d) i"""
            .formatted(rows / 2, LONG_AGO, rows));
    server.execute("VACUUM (FREEZE, ANALYZE) inbox.message");
    server.execute("CHECKPOINT");
  }

  static long count(DurablePostgres server) throws SQLException {
    return server.number(
        "SELECT count(*) FROM inbox.message WHERE handled_at < now() - interval '15 days'");
  }

  /** Throws unless everything is gone that was due, and nothing else. */
  static void audit(DurablePostgres server, long rows) throws SQLException {
    long due = count(server);
    long left = server.number("SELECT count(*) FROM inbox.message");
    if (due != 0 || left != rows - rows / 2) {
      throw new IllegalStateException(
          due
              + " rows are due still, "
              + left
              + " are left of "
              + rows
              + ": these figures are worth nothing");
    }
  }
}
