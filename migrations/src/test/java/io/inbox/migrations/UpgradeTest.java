package io.inbox.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A database of version 1 that is in use, and the libraries that meet on it. */
class UpgradeTest {
  private static final List<String> TABLES =
      List.of("consumer", "message", "result", "attempt", "dead_letter");
  private static final String KEY = "(\"tenant\", \"consumer\", \"source\", \"message_id\"";

  @ParameterizedTest
  @EnumSource
  void anUpgradeKeepsEveryRowAndAddsTheOutbox(TestDatabase database) throws SQLException {
    DataSource dataSource = inUse(database);
    List<String> before = rows(dataSource);

    assertThat(InboxMigrations.on(dataSource).migrate())
        .isEqualTo(new MigrationResult(1, Released.LATEST, Released.MIGRATIONS - 1));

    assertThat(rows(dataSource)).isEqualTo(before).hasSize(TABLES.size());
    assertThat(
            Sql.column(
                dataSource,
                "SELECT \"slot\" FROM \"inbox\".\"outbox_slot\""
                    + " WHERE \"owner\" IS NULL AND \"epoch\" = 0 ORDER BY \"slot\""))
        .hasSize(16)
        .startsWith("0")
        .endsWith("15");
  }

  @ParameterizedTest
  @EnumSource
  void aLibraryOfVersion1GoesOnWorkingOnVersion2(TestDatabase database) throws SQLException {
    DataSource dataSource = inUse(database);
    InboxMigrations.on(dataSource, Released.upTo(2)).migrate();

    assertThat(InboxMigrations.on(dataSource, Released.upTo(1)).migrate())
        .isEqualTo(new MigrationResult(2, 2, 0));
    assertThat(
            Sql.column(
                dataSource,
                "SELECT \"compatible_from\" FROM \"inbox\".\"schema_version\" WHERE \"version\" = 2"))
        .containsExactly("1");
    handle(dataSource, "second");
    assertThat(rows(dataSource)).hasSize(2 * TABLES.size() - 1);
  }

  @ParameterizedTest
  @EnumSource
  void aLibraryOfVersion2GoesOnWorkingOnVersion3(TestDatabase database) throws SQLException {
    DataSource dataSource = inUse(database);
    InboxMigrations.on(dataSource, Released.upTo(3)).migrate();

    assertThat(InboxMigrations.on(dataSource, Released.upTo(2)).migrate())
        .isEqualTo(new MigrationResult(3, 3, 0));
    assertThat(
            Sql.column(
                dataSource,
                "SELECT \"compatible_from\" FROM \"inbox\".\"schema_version\" WHERE \"version\" = 3"))
        .containsExactly("1");
    handle(dataSource, "second");
    assertThat(rows(dataSource)).hasSize(2 * TABLES.size() - 1);
  }

  @ParameterizedTest
  @EnumSource
  void aLibraryOfVersion3GoesOnWorkingOnVersion4(TestDatabase database) throws SQLException {
    DataSource dataSource = inUse(database);
    InboxMigrations.on(dataSource, Released.upTo(4)).migrate();

    assertThat(InboxMigrations.on(dataSource, Released.upTo(3)).migrate())
        .isEqualTo(new MigrationResult(4, 4, 0));
    assertThat(
            Sql.column(
                dataSource,
                "SELECT \"compatible_from\" FROM \"inbox\".\"schema_version\" WHERE \"version\" = 4"))
        .containsExactly("1");
    handle(dataSource, "second");
    assertThat(rows(dataSource)).hasSize(2 * TABLES.size() - 1);
  }

  @ParameterizedTest
  @EnumSource
  void aSchemaOfVersion1MadeFromScriptsIsUpgraded(TestDatabase database) throws SQLException {
    DataSource dataSource = inUse(database);
    List<String> before = rows(dataSource);
    Sql.run(dataSource, "DROP TABLE \"inbox\".\"flyway_history\"");

    assertThat(InboxMigrations.on(dataSource).migrate())
        .isEqualTo(new MigrationResult(1, Released.LATEST, Released.MIGRATIONS - 1));
    assertThat(rows(dataSource)).isEqualTo(before);
  }

  /** Made by the library of version 1, which has handled, failed and given up. */
  private static DataSource inUse(TestDatabase database) {
    DataSource dataSource = database.fresh();
    InboxMigrations.on(dataSource, Released.upTo(1)).migrate();
    Sql.run(
        dataSource,
        "INSERT INTO \"inbox\".\"consumer\" (\"consumer\", \"dedupe_window_seconds\") VALUES ('c', 60)");
    handle(dataSource, "first");
    return dataSource;
  }

  private static void handle(DataSource dataSource, String id) {
    String values = ") VALUES ('', 'c', '', '" + id + "'";
    Sql.run(
        dataSource,
        "INSERT INTO \"inbox\".\"message\" " + KEY + values + ")",
        "INSERT INTO \"inbox\".\"result\" "
            + KEY
            + ", \"result\", \"signature\""
            + values
            + ", '', '')",
        "INSERT INTO \"inbox\".\"attempt\" " + KEY + ", \"attempts\"" + values + ", 1)",
        "INSERT INTO \"inbox\".\"dead_letter\" " + KEY + ", \"reason\"" + values + ", 'FAILED')");
  }

  /** Every column of every row of the tables of version 1. */
  private static List<String> rows(DataSource dataSource) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      for (String table : TABLES) {
        try (ResultSet result =
            statement.executeQuery("SELECT * FROM \"inbox\".\"" + table + "\" ORDER BY 1")) {
          while (result.next()) {
            List<String> row = new ArrayList<>(List.of(table));
            for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
              row.add(result.getString(i));
            }
            rows.add(row.toString());
          }
        }
      }
    }
    return rows;
  }
}
