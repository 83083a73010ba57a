package io.inbox.command.letters;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Names the tenant to the row-level security policies, if there are any. */
final class Tenant {
  private Tenant() {}

  /** Names it for the current transaction; an empty one is none. */
  static void enter(Connection connection, String tenant) throws SQLException {
    if (tenant.isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT set_config('inbox.tenant', ?, true)")) {
      statement.setString(1, tenant);
      statement.execute();
    }
  }
}
