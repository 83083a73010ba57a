package io.inbox.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/**
 * Batches of an ordered stream whose watermark is moved by a statement written by hand: what the
 * move itself costs. It compares epoch and position as the library does, and bounds no wait.
 */
final class HandWatermark implements Contender {
  private static final String MOVE =
      "UPDATE hand_watermark SET position = position + ?, moved_at = clock_timestamp() WHERE partition = ? AND epoch = 1 AND position = ?";

  // Behind a move that moved nothing the division fails, and the server skips the COMMIT.
  private static final String MOVE_AND_COMMIT =
      "WITH moved AS (" + MOVE + " RETURNING 1) SELECT 1 / count(*) FROM moved; COMMIT";

  private static final AtomicInteger PARTITIONS = new AtomicInteger();

  private final Way way;
  private final DataSource pool;
  private final int batch;
  private final Map<Feed.Lane, Owned> owned = new ConcurrentHashMap<>();

  HandWatermark(Way way, DataSource pool, int batch) {
    this.way = way;
    this.pool = pool;
    this.batch = batch;
  }

  /** When the watermark is moved. */
  enum Way {
    /** Before the writes, as the library does: three round trips with the COMMIT. */
    FIRST,
    /** In one exchange with the COMMIT: two round trips, as many as without a watermark. */
    WITH_COMMIT
  }

  /** Makes the table of the watermarks. */
  static void create(DurablePostgres server) throws SQLException {
    server.execute(
        "CREATE TABLE hand_watermark (partition int PRIMARY KEY, epoch bigint NOT NULL, position bigint NOT NULL, moved_at timestamptz NOT NULL)");
  }

  /** A partition and where its owner has seen it. */
  private static final class Owned {
    private final int partition;
    private long position;

    Owned(int partition) {
      this.partition = partition;
    }
  }

  @Override
  public String label() {
    return "JDBC, moved " + way;
  }

  @Override
  public int handle(Feed.Lane lane) throws SQLException {
    Owned mark = owned.get(lane);
    if (mark == null) {
      mark = takeOver();
      owned.put(lane, mark);
    }
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      try {
        if (way == Way.FIRST) {
          move(connection, mark, MOVE);
        }
        Books.creditAll(connection, lane.accounts(batch));
        if (way == Way.WITH_COMMIT) {
          move(connection, mark, MOVE_AND_COMMIT);
        }
        connection.commit();
        mark.position += batch;
        return batch;
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      }
    }
  }

  private void move(Connection connection, Owned mark, String sql) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, batch);
      statement.setInt(2, mark.partition);
      statement.setLong(3, mark.position);
      boolean rows = statement.execute();
      if (!rows && statement.getUpdateCount() != 1) {
        throw new IllegalStateException("the watermark of " + mark.partition + " has moved");
      }
    }
  }

  private Owned takeOver() throws SQLException {
    Owned mark = new Owned(PARTITIONS.getAndIncrement());
    try (Connection connection = pool.getConnection();
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO hand_watermark VALUES (?, 1, 0, clock_timestamp())")) {
      connection.setAutoCommit(true);
      insert.setInt(1, mark.partition);
      insert.executeUpdate();
    }
    return mark;
  }
}
