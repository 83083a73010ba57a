package io.inbox.testkit.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.jdbc.PortableStore;
import io.inbox.migrations.InboxMigrations;
import io.inbox.testkit.fault.FaultPoint;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The kit as a user's test has it: on H2, without a pool, with the defaults. */
class CrashPointsTest {
  private DataSource dataSource;

  @BeforeEach
  void open() throws SQLException {
    JdbcDataSource source = new JdbcDataSource();
    source.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
    InboxMigrations.on(source).migrate();
    dataSource = source;
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE booking (message_id VARCHAR(100) NOT NULL)");
    }
  }

  private static void book(Connection connection, String id) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement("INSERT INTO booking VALUES (?)")) {
      insert.setString(1, id);
      insert.executeUpdate();
    }
  }

  private static void bookedOnce(Connection connection, String id) throws SQLException {
    try (PreparedStatement count =
        connection.prepareStatement("SELECT COUNT(*) FROM booking WHERE message_id = ?")) {
      count.setString(1, id);
      try (ResultSet row = count.executeQuery()) {
        row.next();
        assertThat(row.getInt(1)).as("bookings").isEqualTo(1);
      }
    }
  }

  private CrashPoints kit() {
    return CrashPoints.on(dataSource, PortableStore.create())
        .invariant((connection, message) -> bookedOnce(connection, message.id()));
  }

  @Test
  void theReportSaysWhatH2CannotDo() {
    CrashReport report = kit().handler((message, tx) -> book(tx.connection(), message.id())).run();

    assertThat(report.check()).isSameAs(report);
    assertThat(report)
        .hasToString(
            """
            crash points of crash-points: 0 of 22 courses failed
            - not run: P6_FLUSHING, THREAD_DIES: the handler appended nothing to the outbox
            - not run: P6_FLUSHING, CONNECTION_BREAKS: the handler appended nothing to the outbox
            - not run: SESSION_TERMINATED: the database is H2, a session is ended only on PostgreSQL\
            """);
  }

  @Test
  void theReportNamesPointAndWayAndWhatToLookAt() {
    AtomicInteger runs = new AtomicInteger();
    CrashReport report =
        kit()
            .consumer("payments")
            .handler(
                (message, tx) -> {
                  runs.incrementAndGet();
                  try (Connection another = dataSource.getConnection()) {
                    book(another, message.id());
                  }
                })
            .run();

    CrashCourse course =
        report.failures().stream()
            .filter(it -> it.way().orElseThrow() == CrashWay.COMMIT_NOT_ARRIVED)
            .findFirst()
            .orElseThrow();
    assertThat(course.place().orElseThrow().point()).isEqualTo(FaultPoint.P8_COMMITTING);
    assertThat(course.handlerRuns()).isEqualTo(2);
    assertThat(report.courses().stream().mapToInt(CrashCourse::handlerRuns).sum())
        .isEqualTo(runs.get());
    assertThatThrownBy(report::check)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("crash points of payments: ")
        .hasMessageContaining("- P8_COMMITTING, COMMIT_NOT_ARRIVED: [bookings]")
        .hasMessageContaining("expected: 1")
        .hasMessageContaining("was done: COMMIT never arrived")
        .hasMessageContaining("deliveries of " + course.messageId())
        .hasMessageContaining("the handler ran 2 times")
        .hasMessageContaining("look at writes that do not go through the transaction");
  }

  @Test
  void whatHappensAfterTheCommitMayBeLost() throws Exception {
    CrashReport report =
        kit()
            .handler(
                (message, tx) ->
                    tx.afterCommit(
                        () -> {
                          try (Connection another = dataSource.getConnection()) {
                            book(another, message.id());
                          } catch (SQLException e) {
                            throw new IllegalStateException(e);
                          }
                        }))
            .run();

    assertThat(report.failures())
        .extracting(it -> it.way().orElseThrow())
        .containsExactly(CrashWay.THREAD_DIES, CrashWay.COMMIT_ANSWER_LOST);
    assertThat(report.toString()).contains("look at what happens outside of the transaction");
  }
}
