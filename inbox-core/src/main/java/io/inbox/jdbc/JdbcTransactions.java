package io.inbox.jdbc;

import io.inbox.error.ConfigurationException;
import io.inbox.spi.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Transactions on the connections of a {@code DataSource}, usually a pool. Each takes one
 * connection and gives it back; a thread never holds two.
 *
 * <p>Waiting for a connection is bounded by the pool. Thread-safe if the {@code DataSource} is.
 */
public final class JdbcTransactions implements Transactions {
  private final DataSource dataSource;

  private JdbcTransactions(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /**
   * Returns transactions on a data source.
   *
   * @throws ConfigurationException if it is null
   */
  public static JdbcTransactions on(@Nullable DataSource dataSource) {
    if (dataSource == null) {
      throw new ConfigurationException(
          "IBX-303",
          "the DataSource is null (hand in the pool of the database that holds the business tables)");
    }
    return new JdbcTransactions(dataSource);
  }

  @Override
  public <T> T inTransaction(Work<T> work) throws Exception {
    Connection connection = dataSource.getConnection();
    @Nullable Throwable failed = null;
    try {
      return ConnectionTransaction.run(connection, Optional.empty(), work);
    } catch (Throwable e) {
      failed = e;
      throw e;
    } finally {
      close(connection, failed);
    }
  }

  @Override
  public Optional<DataSource> connections() {
    return Optional.of(dataSource);
  }

  private static void close(Connection connection, @Nullable Throwable failed) throws SQLException {
    try {
      connection.close();
    } catch (SQLException e) {
      if (failed != null) {
        failed.addSuppressed(e);
      }
      // The transaction has ended; an error while giving the connection back changes nothing.
    }
  }
}
