package io.inbox.jdbc;

import io.inbox.error.UsageException;
import io.inbox.spi.CommitGuard;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Compares the identity of H2's transaction after the claim and before the commit. After a
 * deadlock, and after DDL, H2 silently goes on in a new transaction: without this the handler's
 * later writes would commit without the key.
 */
final class IdentityGuard implements CommitGuard {
  @Override
  public boolean seesFailedStatements() {
    return false;
  }

  @Override
  public boolean ddlCommits() {
    return true;
  }

  @Override
  public Object mark(Connection connection) throws SQLException {
    return identity(connection);
  }

  @Override
  public void verify(Connection connection, Object mark) throws SQLException {
    String now = identity(connection);
    if (!now.equals(mark)) {
      throw new UsageException(
          "IBX-312",
          "the database ended the transaction that claimed the key and went on in another (a deadlock whose error was swallowed, or DDL, which commits); the rest was "
              + "rolled back (let exceptions through, and run no DDL in handlers)");
    }
  }

  private static String identity(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("SELECT TRANSACTION_ID()");
        ResultSet row = statement.executeQuery()) {
      row.next();
      @Nullable String id = row.getString(1);
      return id == null ? "none" : id;
    }
  }
}
