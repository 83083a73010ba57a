package io.inbox.torture.worker;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.postgresql.PGConnection;

/** Names database sessions, and ends one where the driver cannot reach the database itself. */
final class Sessions {
  private final DataSource dataSource;

  Sessions(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  int of(Connection connection) throws SQLException {
    if (connection.isWrapperFor(PGConnection.class)) {
      return connection.unwrap(PGConnection.class).getBackendPID();
    }
    try (PreparedStatement statement = connection.prepareStatement("CALL SESSION_ID()");
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getInt(1);
    }
  }

  /** Ends a session of an H2 database: its transaction rolls back. */
  void abort(int session) throws SQLException {
    try (Connection other = dataSource.getConnection();
        PreparedStatement statement = other.prepareStatement("CALL ABORT_SESSION(?)")) {
      statement.setInt(1, session);
      statement.execute();
    }
  }
}
