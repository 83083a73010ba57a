package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.error.ConfigurationException;
import io.inbox.error.RetryLaterException;
import io.inbox.jdbc.JdbcTransactions;
import io.inbox.outbox.Outbox;
import io.inbox.outbox.OutboxMessage;
import io.inbox.testkit.PostgresServer;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No connection to be had, or one whose settings break a promise. */
class PoolTest {
  private static PaymentsDatabase database;

  @BeforeAll
  static void createDatabase() throws SQLException {
    database = PaymentsDatabase.on(PostgresServer.shared(PostgresServer.NEWEST));
  }

  /** As operations.md says; without the isolation HikariCP 7.1 never gives a connection again. */
  @Test
  void aPoolWhoseFirstConnectionDiesRecoversIfItsIsolationIsNamed() throws SQLException {
    AtomicBoolean first = new AtomicBoolean(true);
    HikariConfig config = new HikariConfig();
    config.setDataSource(
        (DataSource)
            Proxy.newProxyInstance(
                PoolTest.class.getClassLoader(),
                new Class<?>[] {DataSource.class},
                (proxy, called, arguments) -> {
                  if (called.getName().equals("getConnection")) {
                    return dying(database.connect(), first);
                  }
                  return called.getReturnType() == int.class ? 0 : null; // no login timeout
                }));
    config.setInitializationFailTimeout(-1);
    config.setMinimumIdle(0);
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    Message message = PaymentsDatabase.message("recovered");
    try (HikariDataSource pool = new HikariDataSource(config);
        Inbox inbox = PaymentsDatabase.inbox("recovered", pool).build()) {
      assertThat(inbox.process(message, PaymentsDatabase.applying(message)))
          .isInstanceOf(Outcome.Processed.class);
      assertThat(first).isFalse();
    }
  }

  @Test
  void anExhaustedPoolFailsWithinItsTimeoutAndAcknowledgesNothing() throws SQLException {
    Message message = PaymentsDatabase.message("starved");
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(database.url());
    config.setMaximumPoolSize(1);
    config.setConnectionTimeout(300);
    try (HikariDataSource pool = new HikariDataSource(config);
        Inbox inbox = PaymentsDatabase.inbox("starved", pool).build()) {
      try (Connection held = pool.getConnection()) {
        assertThat(held.isClosed()).isFalse();
        long before = System.nanoTime();
        Outcome<Void> outcome = inbox.process(message, PaymentsDatabase.applying(message));
        List<Outcome<Void>> outcomes = inbox.processBatch(List.of(message), (fresh, tx) -> {});

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
        assertUnavailable(outcome);
        assertUnavailable(outcomes.get(0));
      }
      assertThat(inbox.process(message, PaymentsDatabase.applying(message)))
          .isInstanceOf(Outcome.Processed.class);
    }
    assertThat(database.applied("starved")).isOne();
  }

  @Test
  void startSaysThatTheServerIsNotThere() {
    String nowhere = "jdbc:postgresql://localhost:1/nowhere?user=postgres";
    try (HikariDataSource pool = PaymentsDatabase.pool(nowhere, 1)) {
      assertThatThrownBy(() -> PaymentsDatabase.inbox("nowhere", pool).build())
          .isInstanceOf(RetryLaterException.class)
          .hasMessageStartingWith("IBX-324")
          .hasMessageContaining("cannot be reached");
    }
  }

  @ParameterizedTest
  @CsvSource({"user=postgres,user=nobody_known", "/t,/no_such_t"})
  void startSaysThatTheLoginIsRefused(String right, String wrong) {
    String url = database.url().replace(right, wrong);
    try (HikariDataSource pool = PaymentsDatabase.pool(url, 1)) {
      for (DataSource dataSource : List.of(pool, unpooled(url))) {
        assertThatThrownBy(() -> PaymentsDatabase.inbox("refused", dataSource).build())
            .isInstanceOf(RetryLaterException.class)
            .hasMessageStartingWith("IBX-324")
            .hasMessageContaining(wrong.substring(wrong.indexOf("no")))
            .hasMessageContaining("does not exist");
      }
    }
  }

  @Test
  void startRefusesAReadOnlyConnection() {
    try (HikariDataSource pool = with("default_transaction_read_only=on")) {
      assertThatThrownBy(() -> PaymentsDatabase.inbox("read-only", pool).build())
          .isInstanceOf(ConfigurationException.class)
          .hasMessageStartingWith("IBX-504")
          .hasMessageContaining("read-only")
          .hasMessageContaining("targetServerType=primary");
    }
  }

  @Test
  void aServerThatTurnsReadOnlyIsUnavailable() throws SQLException {
    Message message = PaymentsDatabase.message("turned");
    try (HikariDataSource pool = database.pool(1);
        Inbox inbox = PaymentsDatabase.inbox("turned", pool).build()) {
      try (Connection connection = pool.getConnection();
          var statement = connection.createStatement()) {
        statement.execute("SET default_transaction_read_only = on");
      }
      assertUnavailable(inbox.process(message, PaymentsDatabase.applying(message)));
      assertUnavailable(inbox.processBatch(List.of(message), (fresh, tx) -> {}).get(0));
    }
    assertThat(database.applied("turned")).isZero();
  }

  @ParameterizedTest
  @CsvSource({"synchronous_commit=off,synchronous_commit", "synchronous_commit=local,"})
  void startRefusesSettingsThatLoseAcknowledgedMessages(String setting, String refused) {
    try (HikariDataSource pool = with(setting)) {
      if (refused == null) {
        PaymentsDatabase.inbox("settings", pool).build().close();
        return;
      }
      assertThatThrownBy(() -> PaymentsDatabase.inbox("settings", pool).build())
          .isInstanceOf(ConfigurationException.class)
          .hasMessageStartingWith("IBX-505")
          .hasMessageContaining(refused)
          .hasMessageContaining("allowReducedDurability");
      try (Inbox inbox =
          PaymentsDatabase.inbox("settings", pool).allowReducedDurability().build()) {
        assertThat(inbox.report().remarks()).singleElement().asString().contains(refused);
      }
    }
  }

  @Test
  void startNamesEverySettingThatIsOff() throws SQLException {
    try (PostgresServer server =
        PostgresServer.start(
            PostgresServer.NEWEST, Map.of("fsync", "off", "full_page_writes", "off"))) {
      PaymentsDatabase reckless = PaymentsDatabase.on(server);
      try (HikariDataSource pool = reckless.pool(1)) {
        assertThatThrownBy(() -> PaymentsDatabase.inbox("reckless", pool).build())
            .isInstanceOf(ConfigurationException.class)
            .hasMessageStartingWith("IBX-505")
            .hasMessageContaining("fsync is off")
            .hasMessageContaining("full_page_writes is off");
      }
    }
  }

  private static DataSource unpooled(String url) {
    return (DataSource)
        Proxy.newProxyInstance(
            PoolTest.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (proxy, method, arguments) -> DriverManager.getConnection(url));
  }

  private static HikariDataSource with(String setting) {
    return PaymentsDatabase.pool(database.url() + "&options=-c%20" + setting, 1);
  }

  /** A connection that is cut when the pool asks it for its isolation, if it is the first. */
  private static Connection dying(Connection connection, AtomicBoolean first) {
    return (Connection)
        Proxy.newProxyInstance(
            PoolTest.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, called, arguments) -> {
              if (called.getName().equals("getTransactionIsolation") && first.getAndSet(false)) {
                connection.close();
                throw new SQLException("the connection is gone", "08006");
              }
              try {
                return called.invoke(connection, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static void assertUnavailable(Outcome<Void> outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Failed.class);
    assertThat(((Outcome.Failed<Void>) outcome).reason()).isEqualTo(Reason.DATABASE_UNAVAILABLE);
    assertThat(outcome.acknowledge()).isFalse();
  }

  @Test
  void aClosedOutboxHasGivenBackTheConnectionOfASignalUnderWay() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    try (HikariDataSource pool = PaymentsDatabase.pool(database.url(), 4)) {
      DataSource slow =
          (DataSource)
              Proxy.newProxyInstance(
                  PoolTest.class.getClassLoader(),
                  new Class<?>[] {DataSource.class},
                  (proxy, method, arguments) -> {
                    Object result = method.invoke(pool, arguments);
                    if (Thread.currentThread().getName().equals("inbox-outbox-notify")) {
                      asked.countDown();
                      goOn.await();
                    }
                    return result;
                  });
      Outbox outbox = Outbox.open(PostgresStore.create(), slow);
      JdbcTransactions.on(slow)
          .inTransaction(
              unit -> outbox.in(unit).append(OutboxMessage.to("shipping").key("a").build()));
      asked.await();

      Thread closing = new Thread(outbox::close);
      closing.start();
      while (closing.getState() != Thread.State.TIMED_WAITING) {
        assertThat(closing.getState())
            .as("waits for the signal")
            .isNotEqualTo(Thread.State.TERMINATED);
        Thread.onSpinWait();
      }
      goOn.countDown();
      closing.join();
      assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
    } finally {
      goOn.countDown();
    }
  }
}
