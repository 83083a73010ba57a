package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.Buckets;
import io.inbox.Inbox;
import io.inbox.error.ConfigurationException;
import io.inbox.jdbc.PortableStore;
import io.inbox.migrations.InboxMigrations;
import io.inbox.spi.StoreReport.Durability;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.util.UUID;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.assertj.core.api.AbstractThrowableAssert;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the portable store refuses to start on, and what it says about that. */
class H2StartTest {
  @ParameterizedTest
  @ValueSource(strings = {"SQLite", "Oracle", "MySQL", "PostgreSQL"})
  void anotherDatabaseIsRefusedWithTheStoresThatThereAre(String product) {
    DataSource other = reporting(migrated(inMemory("")), "getDatabaseProductName", product);

    assertRefused(other, "IBX-501")
        .hasMessageContaining("found " + product)
        .hasMessageContaining("PortableStore supports H2")
        .hasMessageContaining("for PostgreSQL use PostgresStore of inbox-postgres");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.4.200 (2019-10-14)", "2.3.232 (2024-08-11)", "2.4.239", "2", ""})
  void anOldH2IsRefusedWithBothVersions(String version) {
    DataSource old = reporting(migrated(inMemory("")), "getDatabaseProductVersion", version);

    assertRefused(old, "IBX-502")
        .hasMessageContaining("found H2 " + version)
        .hasMessageContaining("needed 2.4.240 or later")
        .hasMessageContaining("raise com.h2database:h2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.4.240 (2025-09-22)", "2.4.241", "2.5.1-SNAPSHOT", "3.0.0"})
  void anH2NewEnoughIsTaken(String version) {
    DataSource dataSource = reporting(migrated(inMemory("")), "getDatabaseProductVersion", version);

    try (Inbox inbox = start(dataSource, it -> it)) {
      assertThat(inbox.report().database()).isEqualTo("H2 " + version);
      assertThat(inbox.report().durability()).isEqualTo(Durability.NONE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ";WRITE_DELAY=500", ";WRITE_DELAY=1"})
  void aFileThatWritesCommitsLateIsRefusedUnlessThatIsAccepted(String option) {
    DataSource file = migrated(H2Database.inFile(option));

    assertRefused(file, "IBX-505")
        .hasMessageContaining("a killed process loses acknowledged messages")
        .hasMessageContaining("add ;WRITE_DELAY=0 to the URL")
        .hasMessageContaining("allowReducedDurability");

    try (Inbox inbox = start(file, Inbox.Builder::allowReducedDurability)) {
      assertThat(inbox.report().durability()).isEqualTo(Durability.REDUCED);
      assertThat(inbox.report().remarks()).singleElement().asString().contains("WRITE_DELAY=0");
    }
  }

  @Test
  void aFileThatWritesCommitsAtOnceIsDurable() {
    try (Inbox inbox = start(migrated(H2Database.inFile(";WRITE_DELAY=0")), it -> it)) {
      assertThat(inbox.report().durability()).isEqualTo(Durability.DURABLE);
      assertThat(inbox.report().remarks()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ";DB_CLOSE_DELAY=0", ";DB_CLOSE_DELAY=60"})
  void aDatabaseInMemoryThatVanishesIsRefused(String option) {
    assertRefused(source("jdbc:h2:mem:" + UUID.randomUUID() + option), "IBX-506")
        .hasMessageContaining("vanishes with its last connection")
        .hasMessageContaining("add ;DB_CLOSE_DELAY=-1 to its URL");
  }

  @ParameterizedTest
  @CsvSource({
    "';INIT=SET COLLATION ENGLISH STRENGTH PRIMARY',SET COLLATION",
    ";MODE=Oracle,leave MODE out"
  })
  void aDatabaseThatChangesWhatKeysMeanIsRefused(String option, String remedy) {
    assertRefused(source(inMemory(option)), "IBX-509").hasMessageContaining(remedy);
  }

  @Test
  void bucketsAreRefusedWhereThereAreNone() {
    DataSource dataSource = migrated(inMemory(""));
    assertThatThrownBy(() -> start(dataSource, it -> it.buckets(Buckets.byUuidV7())).close())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("IBX-213: ")
        .hasMessageContaining("PostgresStore");
  }

  private static AbstractThrowableAssert<?, ?> assertRefused(DataSource dataSource, String code) {
    return assertThatThrownBy(() -> start(dataSource, it -> it).close())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith(code + ": ");
  }

  private static Inbox start(DataSource dataSource, UnaryOperator<Inbox.Builder> options) {
    return options.apply(Inbox.builder("start", PortableStore.create(), dataSource)).build();
  }

  private static String inMemory(String options) {
    return H2Database.inMemory(options);
  }

  private static DataSource migrated(String url) {
    DataSource source = source(url);
    InboxMigrations.on(source).migrate();
    return source;
  }

  private static DataSource source(String url) {
    JdbcDataSource source = new JdbcDataSource();
    source.setURL(url);
    return source;
  }

  /** Real connections whose metadata say something else about one thing. */
  private static DataSource reporting(DataSource dataSource, String method, String answer) {
    return instead(
        DataSource.class,
        dataSource,
        "getConnection",
        connection ->
            instead(
                Connection.class,
                connection,
                "getMetaData",
                data -> instead(DatabaseMetaData.class, data, method, real -> answer)));
  }

  /** The same object, but for what one method returns. */
  private static <T> T instead(
      Class<T> type, Object target, String method, UnaryOperator<Object> answer) {
    return type.cast(
        Proxy.newProxyInstance(
            H2StartTest.class.getClassLoader(),
            new Class<?>[] {type},
            (proxy, called, arguments) -> {
              try {
                Object real = called.invoke(target, arguments);
                return called.getName().equals(method) ? answer.apply(real) : real;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }
}
