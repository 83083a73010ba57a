package io.inbox.torture.database;

import io.inbox.migrations.InboxMigrations;
import io.inbox.reconciler.Hold;
import io.inbox.reconciler.Holds;
import io.inbox.spi.Store;
import io.inbox.torture.plan.Aged;
import io.inbox.torture.plan.Group;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.OffsetDateTime;
import javax.sql.DataSource;

/** The tables of the business, which protect themselves against nothing. */
final class BusinessTables {
  private BusinessTables() {}

  /**
   * Creates them.
   *
   * @param now what tells the time while a statement runs
   */
  static void create(DataSource dataSource, Store store, String now) throws SQLException {
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
            attempt bigint NOT NULL, started_at bigint NOT NULL, ended_at bigint NOT NULL,
            applied_at timestamp with time zone NOT NULL DEFAULT %s)"""
              .formatted(now));
      statement.execute("CREATE INDEX applied_at ON applied (applied_at)");
      // What was deleted from the inbox: a trigger fills it.
      statement.execute(
          """
          CREATE TABLE collected (tenant varchar(100) NOT NULL, consumer varchar(100) NOT NULL,
            source varchar(200) NOT NULL, message_id varchar(200) NOT NULL,
            handled_at timestamp with time zone NOT NULL, deleted_at timestamp with time zone NOT NULL)""");
      accounts(connection);
      aged(connection);
    }
    Holds.open(store, dataSource)
        .place(
            Hold.Scope.ofTenant(Aged.HELD_TENANT), "the run looks whether it is kept", "torture");
  }

  private static void aged(Connection connection) throws SQLException {
    try (PreparedStatement consumer =
        connection.prepareStatement(
            """
            INSERT INTO "inbox"."consumer" ("consumer", "dedupe_window_seconds") VALUES (?, ?)""")) {
      consumer.setString(1, Aged.CONSUMER);
      consumer.setLong(2, Aged.WINDOW.toSeconds());
      consumer.executeUpdate();
    }
    OffsetDateTime due = now(connection).minus(Aged.WINDOW).minus(Aged.MARGIN);
    try (PreparedStatement message =
        connection.prepareStatement(
            """
            INSERT INTO "inbox"."message" ("tenant", "consumer", "source", "message_id", "handled_at")
            VALUES (?, ?, 'old', ?, ?)""")) {
      for (String tenant : Group.TENANTS) {
        for (int i = 0; i < Aged.OF_EACH_TENANT; i++) {
          Duration after = Aged.SPREAD.multipliedBy(2L * i).dividedBy(Aged.OF_EACH_TENANT);
          message.setString(1, tenant);
          message.setString(2, Aged.CONSUMER);
          message.setString(3, "m" + i);
          message.setObject(4, due.minus(Aged.SPREAD).plus(after));
          message.addBatch();
        }
      }
      message.executeBatch();
    }
  }

  private static OffsetDateTime now(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("SELECT CURRENT_TIMESTAMP");
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getObject(1, OffsetDateTime.class);
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
