package io.inbox.benchmarks;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** The business writes of a batch by plain JDBC, and nothing that would recognise a duplicate. */
final class BareBatch implements Contender {
  private final String label;
  private final DataSource pool;
  private final int batch;

  BareBatch(String label, DataSource pool, int batch) {
    this.label = label;
    this.pool = pool;
    this.batch = batch;
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
        Books.creditAll(connection, lane.accounts(batch));
        connection.commit();
        return batch;
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      }
    }
  }
}
