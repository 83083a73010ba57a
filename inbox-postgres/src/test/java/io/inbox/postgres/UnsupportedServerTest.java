package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Inbox;
import io.inbox.error.ConfigurationException;
import io.inbox.jdbc.PortableStore;
import io.inbox.testkit.PostgresServer;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Databases and drivers that must not be started on, and what is said about them. */
class UnsupportedServerTest {
  private static HikariDataSource pool;

  @BeforeAll
  static void createDatabase() throws SQLException {
    pool = PaymentsDatabase.on(PostgresServer.shared(PostgresServer.NEWEST)).pool(2);
  }

  @AfterAll
  static void closePool() {
    pool.close();
  }

  @Test
  void h2IsRefusedWithTheStoreToUse() {
    try (HikariDataSource h2 = PaymentsDatabase.pool("jdbc:h2:mem:" + UUID.randomUUID(), 1)) {
      h2.setConnectionTimeout(60_000); // H2 opens slowly where there is much to do
      assertRefused(h2, "IBX-501")
          .hasMessageContaining("PostgresStore supports PostgreSQL, found H2")
          .hasMessageContaining("for H2 use PortableStore");
    }
  }

  @Test
  void postgresIsRefusedByThePortableStoreWithTheStoreToUse() {
    assertThatThrownBy(
            () -> Inbox.builder("unsupported", PortableStore.create(), pool).build().close())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("IBX-501: ")
        .hasMessageContaining("PortableStore supports H2, found PostgreSQL")
        .hasMessageContaining("use PostgresStore of inbox-postgres");
  }

  @ParameterizedTest
  @ValueSource(strings = {"SQLite", "Oracle", "MySQL"})
  void anotherDatabaseIsRefusedWithTheStoresThatThereAre(String product) {
    assertRefused(reporting(Map.of("getDatabaseProductName", product)), "IBX-501")
        .hasMessageContaining("found " + product)
        .hasMessageContaining("others are not supported");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CockroachDB CCL v25.2.0",
        "PostgreSQL 15.12-YB-2025.2.0.0-b0 on x86_64-pc-linux-gnu",
        "PostgreSQL 14.4 (Apache Cloudberry 2.0.0 build 1) on x86_64-pc-linux-gnu",
        "PostgreSQL 14.4 (Greenplum Database 8.0.0) on x86_64-pc-linux-gnu"
      })
  void aLookAlikeIsRefusedByItsOwnName(String version) {
    DataSource lookAlike =
        connections(
            connection ->
                (Connection)
                    Proxy.newProxyInstance(
                        getClass().getClassLoader(),
                        new Class<?>[] {Connection.class},
                        (proxy, called, arguments) -> {
                          if (called.getName().equals("prepareStatement")) {
                            arguments[0] =
                                ((String) arguments[0])
                                    .replace("pg_catalog.version()", "'" + version + "'");
                          }
                          return passOn(called, connection, arguments);
                        }));

    assertRefused(lookAlike, "IBX-501")
        .hasMessageContaining("found " + version)
        .hasMessageContaining("which locks and commits in its own way");
  }

  @ParameterizedTest
  @ValueSource(strings = {"9.6.24", "13.22 (Debian 13.22-1)"})
  void anOldServerIsRefusedWithBothVersions(String version) {
    int major = Integer.parseInt(version.substring(0, version.indexOf('.')));

    assertRefused(
            reporting(
                Map.of("getDatabaseMajorVersion", major, "getDatabaseProductVersion", version)),
            "IBX-502")
        .hasMessageContaining("found PostgreSQL " + version)
        .hasMessageContaining("needed 14 or later")
        .hasMessageContaining("upgrade the server");
  }

  @ParameterizedTest
  @ValueSource(strings = {"42.2.5", "42.7.10", "42.6.99", "42", "9.4.1212.jre7", ""})
  void anOldDriverIsRefusedWithItsHoles(String version) {
    assertRefused(reporting(Map.of("getDriverVersion", version)), "IBX-503")
        .hasMessageContaining("found pgjdbc " + version)
        .hasMessageContaining("needed 42.7.11 or later")
        .hasMessageContaining("CVE-2024-1597")
        .hasMessageContaining("CVE-2025-49146")
        .hasMessageContaining("CVE-2026-42198")
        .hasMessageContaining("raise org.postgresql:postgresql");
  }

  @ParameterizedTest
  @ValueSource(strings = {"42.7.11", "42.7.12-SNAPSHOT", "42.8.0", "43.0"})
  void aDriverNewEnoughIsTaken(String version) {
    try (Inbox inbox = start(reporting(Map.of("getDriverVersion", version)))) {
      assertThat(inbox.report().database()).startsWith("PostgreSQL 18");
    }
  }

  private static AbstractThrowableAssert<?, ?> assertRefused(DataSource dataSource, String code) {
    return assertThatThrownBy(() -> start(dataSource).close())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith(code + ": ");
  }

  private static Inbox start(DataSource dataSource) {
    return PaymentsDatabase.inbox("unsupported", dataSource).build();
  }

  /** Connections to the real server, whose metadata say something else about some things. */
  private static DataSource reporting(Map<String, Object> answers) {
    return connections(
        connection ->
            (Connection)
                Proxy.newProxyInstance(
                    UnsupportedServerTest.class.getClassLoader(),
                    new Class<?>[] {Connection.class},
                    (proxy, called, arguments) -> {
                      Object real = passOn(called, connection, arguments);
                      return real instanceof DatabaseMetaData data
                          ? answering(data, answers)
                          : real;
                    }));
  }

  private static DatabaseMetaData answering(DatabaseMetaData data, Map<String, Object> answers) {
    return (DatabaseMetaData)
        Proxy.newProxyInstance(
            UnsupportedServerTest.class.getClassLoader(),
            new Class<?>[] {DatabaseMetaData.class},
            (proxy, called, arguments) ->
                answers.containsKey(called.getName())
                    ? answers.get(called.getName())
                    : passOn(called, data, arguments));
  }

  private static DataSource connections(UnaryOperator<Connection> changed) {
    return (DataSource)
        Proxy.newProxyInstance(
            UnsupportedServerTest.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (proxy, called, arguments) -> changed.apply(pool.getConnection()));
  }

  private static Object passOn(Method called, Object target, Object[] arguments) throws Throwable {
    try {
      return called.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
