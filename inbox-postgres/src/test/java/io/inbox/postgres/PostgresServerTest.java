package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the contract runs on must be what it says. */
class PostgresServerTest {
  @ParameterizedTest
  @ValueSource(ints = {PostgresServer.NEWEST, PostgresServer.OLDEST})
  void isDurableAndOfTheVersionAskedFor(int version) throws SQLException {
    PostgresServer server = PostgresServer.shared(version);
    String database = server.newDatabase();
    try (var pool = server.dataSource(database, 2);
        Connection connection = pool.getConnection()) {
      assertThat(show(connection, "server_version")).startsWith(version + ".");
      assertThat(show(connection, "fsync")).isEqualTo("on");
      assertThat(show(connection, "full_page_writes")).isEqualTo("on");
      assertThat(show(connection, "synchronous_commit")).isEqualTo("on");
      assertThat(connection.getCatalog()).isEqualTo(database);
    }
    assertThat(ProcessHandle.of(server.processId())).isPresent();
    server.close();
    assertThat(ProcessHandle.of(server.processId())).as("shared: survives close").isPresent();
  }

  @Test
  void ofOnesOwnTakesSettingsAndIsStopped() throws SQLException {
    String url;
    try (PostgresServer server =
        PostgresServer.start(PostgresServer.NEWEST, Map.of("synchronous_commit", "off"))) {
      String database = server.newDatabase();
      url = server.url(database);
      try (var pool = server.dataSource(database, 1);
          Connection connection = pool.getConnection()) {
        assertThat(show(connection, "synchronous_commit")).isEqualTo("off");
      }
      assertThat(server.dataDirectory()).exists();
    }
    assertThatThrownBy(() -> DriverManager.getConnection(url).close())
        .isInstanceOf(SQLException.class);
  }

  private static String show(Connection connection, String setting) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SHOW " + setting)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
