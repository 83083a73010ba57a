package io.inbox.benchmarks;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

/**
 * The primary key's B-tree as {@code pgstatindex} counts it: how many steps lead from its root to a
 * leaf, and how much of it there is.
 */
record IndexShape(long keys, int levels, long innerPages, long leafPages) {
  private static final int PAGE = 8192;

  /** Reads the whole index. */
  static IndexShape of(DurablePostgres server, String schema, long keys) throws SQLException {
    try (Connection connection = server.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE EXTENSION IF NOT EXISTS pgstattuple");
      try (ResultSet row =
          statement.executeQuery(
              "SELECT tree_level, internal_pages, leaf_pages FROM pgstatindex('"
                  + schema
                  + ".message_pkey')")) {
        row.next();
        return new IndexShape(keys, row.getInt(1), row.getLong(2), row.getLong(3));
      }
    }
  }

  /** The same index with more keys, or fewer: pages as full as these, and as many of each level. */
  IndexShape with(long others) {
    // Of L leaves there are L/f pages above them, L/f/f above those, and so on: L/(f-1) in all.
    double children = 1 + (double) leafPages / innerPages;
    long leaves = Math.max(1, Math.round((double) leafPages / keys * others));
    int level = 0;
    long inner = 0;
    for (long pages = leaves; pages > 1; level++) {
      pages = (long) Math.ceil(pages / children);
      inner += pages;
    }
    return new IndexShape(others, level, inner, leaves);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%,d keys: %d levels above the leaves, %,d inner pages, %,d leaves, %,d MB",
        keys,
        levels,
        innerPages,
        leafPages,
        (innerPages + leafPages) * PAGE / 1_000_000);
  }
}
