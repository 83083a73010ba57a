package io.inbox.reconciler.internal.collector;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;

/** Whether others use the database while the collector works. */
interface Foreground {
  /** Looks, in the collector's transaction, now and then; returns whether they do. */
  boolean isBusy(Connection connection) throws SQLException;

  /** One that cannot be seen, and is spared. */
  static Foreground unseen() {
    return connection -> true;
  }

  /**
   * Counts the commits of the database of PostgreSQL, which every role may see. The sessions tell
   * the statistics once a second, so nothing is known for the first one: others are spared until
   * then.
   */
  final class Commits implements Foreground {
    private static final long BETWEEN_LOOKS = TimeUnit.SECONDS.toNanos(1);
    private static final long BUSY_PER_SECOND = 20;

    private long lastLook;
    private long lastCommits = -1;
    private long own;
    private boolean busy = true;

    @Override
    public boolean isBusy(Connection connection) throws SQLException {
      own++;
      long now = System.nanoTime();
      if (lastCommits >= 0 && now - lastLook < BETWEEN_LOOKS) {
        return busy;
      }
      try (Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery(
                  "SELECT xact_commit FROM pg_catalog.pg_stat_database WHERE datname = current_database()")) {
        row.next();
        long commits = row.getLong(1);
        if (lastCommits >= 0) {
          double seconds = (double) (now - lastLook) / TimeUnit.SECONDS.toNanos(1);
          busy = (commits - lastCommits - own) / seconds >= BUSY_PER_SECOND;
        }
        lastCommits = commits;
        lastLook = now;
        own = 0;
      }
      return busy;
    }
  }
}
