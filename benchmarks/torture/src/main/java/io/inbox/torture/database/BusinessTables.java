package io.inbox.torture.database;

import io.inbox.migrations.InboxMigrations;
import io.inbox.torture.plan.Group;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** The tables of the business, which protect themselves against nothing. */
final class BusinessTables {
  private BusinessTables() {}

  static void create(DataSource dataSource) throws SQLException {
    InboxMigrations.on(dataSource).migrate();
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          CREATE TABLE account (id varchar(100) PRIMARY KEY, tenant varchar(100) NOT NULL,
            balance bigint NOT NULL, version bigint NOT NULL)""");
      // No unique constraint: it would hide what is applied twice.
      statement.execute(
          """
          CREATE TABLE applied (tenant varchar(100) NOT NULL, consumer varchar(100) NOT NULL,
            source varchar(200) NOT NULL, message_id varchar(200) NOT NULL, number integer NOT NULL,
            account varchar(100) NOT NULL, amount bigint NOT NULL, version bigint NOT NULL,
            attempt bigint NOT NULL, started_at bigint NOT NULL, ended_at bigint NOT NULL)""");
      accounts(connection);
    }
  }

  /** Those of the groups, and one that is only there to be fought for. */
  private static void accounts(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("INSERT INTO account VALUES (?, ?, 0, 0)")) {
      for (Group group : Group.ALL) {
        for (int i = 0; i < Group.ACCOUNTS; i++) {
          statement.setString(1, group.account(i));
          statement.setString(2, group.tenant());
          statement.addBatch();
        }
      }
      statement.setString(1, "race");
      statement.setString(2, Group.ALL.get(0).tenant());
      statement.addBatch();
      statement.executeBatch();
    }
  }
}
