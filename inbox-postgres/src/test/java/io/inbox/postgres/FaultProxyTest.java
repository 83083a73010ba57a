package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.fault.FaultProxy;
import io.inbox.testkit.fault.FaultProxy.Fault;
import io.inbox.testkit.fault.Held;
import io.inbox.testkit.fault.Held.Part;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The proxy breaks the connection it was asked to break, where it was asked to. */
class FaultProxyTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private PaymentsDatabase database;
  private FaultProxy proxy;
  private Connection connection;
  private int backend;

  @BeforeEach
  void connect() throws Exception {
    PostgresServer server = PostgresServer.shared(PostgresServer.NEWEST);
    database = PaymentsDatabase.on(server);
    proxy = FaultProxy.before(server.port());
    connection = DriverManager.getConnection(database.urlThrough(proxy.port()));
    backend = PaymentsDatabase.backend(connection);
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("INSERT INTO applied VALUES ('m')");
    }
  }

  @AfterEach
  void close() throws SQLException {
    proxy.close();
    connection.close();
  }

  private CompletableFuture<Void> commit() {
    return CompletableFuture.runAsync(
        () -> {
          try {
            connection.commit();
          } catch (SQLException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private static void assertFails(CompletableFuture<Void> commit) {
    assertThatThrownBy(() -> commit.get(60, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class);
  }

  @Test
  void aHeldCommitIsNotThereBeforeItIsPassedOn() throws Exception {
    Held held = proxy.hold(backend, Part.REQUEST).orElseThrow();
    CompletableFuture<Void> commit = commit();
    assertThat(held.await(PATIENCE)).isTrue();
    assertThat(database.applied("m")).isZero();
    assertThat(commit).isNotDone();
    held.pass();
    commit.get(60, TimeUnit.SECONDS);
    assertThat(database.applied("m")).isOne();
  }

  @Test
  void aHeldAnswerIsOneToACommitThatIsThere() throws Exception {
    Held held = proxy.hold(backend, Part.REPLY).orElseThrow();
    CompletableFuture<Void> commit = commit();
    assertThat(held.await(PATIENCE)).isTrue();
    assertThat(database.applied("m")).isOne();
    assertThat(commit).isNotDone();
    held.cut();
    assertFails(commit);
  }

  @Test
  void aHeldCommitThatIsCutNeverArrives() throws Exception {
    Held held = proxy.hold(backend, Part.REQUEST).orElseThrow();
    CompletableFuture<Void> commit = commit();
    assertThat(held.await(PATIENCE)).isTrue();
    held.cut();
    assertFails(commit);
    database.await("NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = " + backend + ")");
    assertThat(database.applied("m")).isZero();
  }

  @Test
  void aCommitArrivesAfterItsClientHasGone() throws Exception {
    Held held = proxy.hold(backend, Part.REQUEST).orElseThrow();
    CompletableFuture<Void> commit = commit();
    assertThat(held.await(PATIENCE)).isTrue();
    held.cutClient(Duration.ofMillis(200));
    assertFails(commit);
    database.await("EXISTS (SELECT FROM applied)");
  }

  @Test
  void onlyTheConnectionThatWasMeantIsStruck() throws Exception {
    assertThat(proxy.arm(backend, Fault.CUT_REPLY)).isTrue();
    try (Connection other = DriverManager.getConnection(database.urlThrough(proxy.port()))) {
      assertThat(PaymentsDatabase.backend(other)).isNotEqualTo(backend);
      assertFails(commit());
      assertThat(PaymentsDatabase.backend(other)).isPositive();
    }
    assertThat(database.applied("m")).isOne();
    assertThat(proxy.strikes()).isOne();
    assertThat(proxy.arm(backend, Fault.CUT_REPLY)).isFalse();
  }
}
