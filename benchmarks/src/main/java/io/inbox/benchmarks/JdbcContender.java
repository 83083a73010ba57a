package io.inbox.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import javax.sql.DataSource;

/**
 * What an expert writes without the library: claim, credit, commit, on prepared statements, and a
 * bound on the wait of the claim in one of several ways.
 */
final class JdbcContender implements Contender {
  static final String CONSUMER = "by-hand";

  private final String label;
  private final DataSource pool;
  private final Bound bound;
  private final int batch;
  private final boolean withTime;

  /** A batch of 1 claims one key by VALUES; a larger one claims by unnest. */
  JdbcContender(String label, DataSource pool, Bound bound, int batch, boolean withTime) {
    this.label = label;
    this.pool = pool;
    this.bound = bound;
    this.batch = batch;
    this.withTime = withTime;
  }

  @Override
  public String label() {
    return label;
  }

  @Override
  public int handle(Feed.Lane lane) throws SQLException {
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      try {
        int handled = batch == 1 ? one(connection, lane) : many(connection, lane);
        connection.commit();
        return handled;
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      }
    }
  }

  private int one(Connection connection, Feed.Lane lane) throws SQLException {
    int claimed;
    bound.before(connection);
    try (PreparedStatement claim = connection.prepareStatement(bound.claim(withTime))) {
      claim.setString(1, "");
      claim.setString(2, Feed.SOURCE);
      claim.setString(3, lane.id());
      if (withTime) {
        claim.setObject(4, OffsetDateTime.ofInstant(lane.time(), ZoneOffset.UTC));
      }
      claimed = bound.claimed(claim);
    }
    bound.after(connection);
    expect(1, claimed);
    Books.credit(connection, lane.account());
    return 1;
  }

  private int many(Connection connection, Feed.Lane lane) throws SQLException {
    String[] ids = lane.ids(batch);
    Arrays.sort(ids); // or two batches deadlock
    int claimed;
    bound.before(connection);
    try (PreparedStatement claim = connection.prepareStatement(bound.claimAll(withTime))) {
      claim.setString(1, "");
      claim.setString(2, Feed.SOURCE);
      Books.bind(connection, claim, 3, "text", ids);
      if (withTime) {
        OffsetDateTime[] times = new OffsetDateTime[batch];
        Arrays.setAll(times, i -> OffsetDateTime.ofInstant(lane.time(), ZoneOffset.UTC));
        Books.bind(connection, claim, 4, "timestamptz", times);
      }
      claimed = bound.claimedAll(claim);
    }
    bound.after(connection);
    expect(batch, claimed);
    Books.creditAll(connection, lane.accounts(batch));
    return batch;
  }

  private static void expect(int expected, int claimed) {
    if (expected != claimed) {
      throw new IllegalStateException("claimed " + claimed + " new keys of " + expected);
    }
  }

  /** Counts the rows that tell which keys are new. */
  static int count(ResultSet rows) throws SQLException {
    int count = 0;
    String last = "";
    while (rows.next()) {
      last = rows.getString(1);
      count++;
    }
    if (last == null) {
      throw new IllegalStateException("a key is null");
    }
    return count;
  }
}
