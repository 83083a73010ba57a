package io.inbox.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** Ways to find and delete what is due by hand, a batch to a transaction. */
enum CollectorWay {
  TID_RANGES("ranges of TIDs", null) {
    @Override
    long batch(Connection connection, Cursor cursor) throws SQLException {
      String delete =
          "DELETE FROM inbox.message WHERE ctid >= '(%d,0)' AND ctid < '(%d,0)' AND greatest(handled_at, message_time) < now() - interval '15 days'"
              .formatted(cursor.page, cursor.page + PAGES);
      cursor.page += PAGES;
      cursor.ended = cursor.page >= cursor.pages;
      return update(connection, delete);
    }
  },

  KEY_ORDER("the order of the keys", null) {
    @Override
    long batch(Connection connection, Cursor cursor) throws SQLException {
      String delete =
          """
          WITH piece AS MATERIALIZED (
            SELECT ctid, message_id, greatest(handled_at, message_time) < now() - interval '15 days' AS due
            FROM inbox.message
            WHERE (message_id, consumer, source, tenant) > (?, 'library', 'stripe', '')
            ORDER BY message_id, consumer, source, tenant LIMIT %d),
          gone AS (DELETE FROM inbox.message WHERE ctid = ANY (ARRAY(SELECT ctid FROM piece WHERE due)) RETURNING 1)
          SELECT max(message_id COLLATE "C"), count(*), (SELECT count(*) FROM gone) FROM piece"""
              .formatted(ROWS);
      try (PreparedStatement statement = connection.prepareStatement(delete)) {
        statement.setString(1, cursor.key);
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          cursor.ended = row.getLong(2) < ROWS;
          cursor.key = cursor.ended ? cursor.key : row.getString(1);
          return row.getLong(3);
        }
      }
    }
  },

  BTREE("a B-tree on handled_at", "CREATE INDEX due_idx ON inbox.message (handled_at)") {
    @Override
    long batch(Connection connection, Cursor cursor) throws SQLException {
      return byTime(connection, cursor);
    }
  },

  BRIN(
      "a BRIN on handled_at",
      "CREATE INDEX due_idx ON inbox.message USING brin (handled_at) WITH (pages_per_range = 32)") {
    @Override
    long batch(Connection connection, Cursor cursor) throws SQLException {
      return byTime(connection, cursor);
    }
  };

  static final int PAGES = 400;
  static final int ROWS = 25_000;

  final String label;
  private final @Nullable String index;

  CollectorWay(String label, @Nullable String index) {
    this.label = label;
    this.index = index;
  }

  /** Where a way has come to. */
  static final class Cursor {
    private final long pages;
    private long page;
    private String key = "";
    private boolean ended;

    Cursor(long pages) {
      this.pages = pages;
    }

    boolean ended() {
      return ended;
    }
  }

  /** Deletes the next rows; returns how many. */
  abstract long batch(Connection connection, Cursor cursor) throws SQLException;

  /** Makes the index this way needs, or none. */
  void prepare(DurablePostgres server) throws SQLException {
    server.execute("DROP INDEX IF EXISTS inbox.due_idx");
    if (index != null) {
      server.execute(index);
      server.execute("VACUUM (ANALYZE) inbox.message");
    }
    server.execute("CHECKPOINT");
  }

  private static long byTime(Connection connection, Cursor cursor) throws SQLException {
    String delete =
        """
        DELETE FROM inbox.message WHERE ctid = ANY (ARRAY(
          SELECT ctid FROM inbox.message
          WHERE handled_at < now() - interval '15 days'
            AND greatest(handled_at, message_time) < now() - interval '15 days' LIMIT %d))"""
            .formatted(ROWS);
    long gone = update(connection, delete);
    cursor.ended = gone < ROWS;
    return gone;
  }

  private static long update(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.executeUpdate(sql);
    }
  }
}
