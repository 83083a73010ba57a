package io.inbox.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerTest {

  @Test
  void refusesAnUnsupportedDatabaseAndListsTheSupportedOnes() {
    assertThatThrownBy(() -> Server.byProduct("SQLite", "3.45"))
        .hasMessage(
            "IBX-501 SQLite 3.45 is not supported by Inbox; supported are: PostgreSQL 14 or newer,"
                + " H2 2.4.240 or newer");
  }

  @ParameterizedTest
  @CsvSource({
    "POSTGRESQL, 9.6.24, 14",
    "POSTGRESQL, 13.22 (Debian 13.22-1), 14",
    "H2, 1.4.200 (2019-10-14), 2.4.240",
    "H2, 2.4.239, 2.4.240"
  })
  void refusesAnOldServerAndNamesBothVersions(Database database, String found, String needed) {
    assertThatThrownBy(() -> Server.requireVersion(database, found))
        .hasMessageStartingWith("IBX-502")
        .hasMessageContaining("found " + found)
        .hasMessageContaining("need " + needed);
  }

  @ParameterizedTest
  @CsvSource({
    "POSTGRESQL, 14.0",
    "POSTGRESQL, 19devel",
    "POSTGRESQL, 18.6 (Debian)",
    "H2, 2.4.240 (2025-09-22)",
    "H2, 2.5.252"
  })
  void acceptsWhatIsNewEnough(Database database, String found) {
    assertThatCode(() -> Server.requireVersion(database, found)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE"})
  void tellsKeysApartByCaseEvenWhenH2IgnoresIt(String options) {
    DataSource dataSource = TestDatabase.h2(";IGNORECASE=TRUE" + options);
    InboxMigrations.on(dataSource).migrate();

    Sql.run(
        dataSource,
        "INSERT INTO \"inbox\".\"message\" (\"tenant\", \"consumer\", \"source\", \"message_id\")"
            + " VALUES ('', 'c', '', 'a'), ('', 'c', '', 'A'), ('', 'C', '', 'a'), ('', 'c', 'x', 'a'),"
            + " ('', 'c', 'X', 'a'), ('t', 'c', '', 'a'), ('T', 'c', '', 'a')");

    assertThat(
            Sql.column(
                dataSource,
                "SELECT COUNT(*) FROM \"inbox\".\"message\" WHERE \"message_id\" = 'A'"))
        .containsExactly("1");
    assertThat(
            Sql.column(
                dataSource,
                "SELECT TABLE_NAME || '.' || COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE"
                    + " TABLE_SCHEMA = 'inbox' AND UPPER(DATA_TYPE) LIKE '%IGNORECASE%' AND TABLE_NAME"
                    + " <> 'flyway_history'"))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SET COLLATION ENGLISH STRENGTH PRIMARY",
        "SET COLLATION FRENCH STRENGTH SECONDARY"
      })
  void refusesAnH2DatabaseWhoseCollationMergesKeys(String collation) {
    DataSource dataSource = TestDatabase.h2("");
    Sql.run(dataSource, collation);

    assertThatThrownBy(() -> InboxMigrations.on(dataSource).migrate())
        .hasMessageStartingWith("IBX-524")
        .hasMessageContaining("SET COLLATION");
  }

  @Test
  void saysWhatIsMissingWhenAnInMemoryDatabaseDoesNotOutliveItsConnections() {
    DataSource forgetful = new UrlDataSource("jdbc:h2:mem:forgetful", "sa", "");

    assertThatThrownBy(() -> InboxMigrations.on(forgetful).migrate())
        .hasMessageStartingWith("IBX-506")
        .hasMessageContaining("DB_CLOSE_DELAY=-1");
  }
}
