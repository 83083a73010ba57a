package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A handler that goes on after a failed statement, and why the commit guard exists. */
class SwallowedFailureTest {
  private PaymentsDatabase database;
  private HikariDataSource pool;
  private Inbox inbox;

  @BeforeEach
  void open() throws SQLException {
    database = PaymentsDatabase.on(PostgresServer.shared(PostgresServer.NEWEST));
    pool = database.pool(2);
    inbox = PaymentsDatabase.inbox("payments", pool).build();
  }

  @AfterEach
  void close() {
    inbox.close();
    pool.close();
  }

  @Test
  void theDriverReportsSuccessForACommitThatKeptNothing() throws SQLException {
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      execute(connection, "INSERT INTO applied VALUES ('unguarded')");
      failAndGoOn(connection);

      connection.commit(); // returns normally: this is what nothing must be acknowledged on
    }
    assertThat(database.applied("unguarded")).isZero();
  }

  @Test
  void aSwallowedFailureIsNotAcknowledgedAndKeepsNothing() throws SQLException {
    Message message = PaymentsDatabase.message("swallowed");

    Outcome<Void> outcome =
        inbox.process(
            message,
            tx -> {
              PaymentsDatabase.apply(tx, message);
              failAndGoOn(tx.connection());
            });

    assertFailed(outcome);
    assertThat(database.applied("swallowed")).isZero();
    assertThat(database.remembered("payments")).isZero();
    assertThat(inbox.process(message, PaymentsDatabase.applying(message)))
        .isInstanceOf(Outcome.Processed.class);
  }

  @Test
  void inABatchOnlyTheMessageThatSwallowsFails() throws SQLException {
    List<Message> batch =
        List.of(
            PaymentsDatabase.message("good-1"),
            PaymentsDatabase.message("bad"),
            PaymentsDatabase.message("good-2"));

    List<Outcome<Void>> outcomes =
        inbox.processBatch(
            batch,
            (fresh, tx) -> {
              for (Message message : fresh) {
                PaymentsDatabase.applying(message).handle(tx);
              }
              if (fresh.stream().anyMatch(message -> message.id().equals("bad"))) {
                failAndGoOn(tx.connection());
              }
            });

    assertThat(outcomes.get(0)).isInstanceOf(Outcome.Processed.class);
    assertFailed(outcomes.get(1));
    assertThat(outcomes.get(2)).isInstanceOf(Outcome.Processed.class);
    assertThat(database.rows("SELECT message_id FROM applied"))
        .containsExactlyInAnyOrder("good-1", "good-2");
  }

  @Test
  void aFailureUndoneByASavepointIsFine() throws SQLException {
    Message message = PaymentsDatabase.message("undone");

    Outcome<Void> outcome =
        inbox.process(
            message,
            tx -> {
              PaymentsDatabase.apply(tx, message);
              Savepoint before = tx.connection().setSavepoint();
              failAndGoOn(tx.connection());
              tx.connection().rollback(before);
            });

    assertThat(outcome).isInstanceOf(Outcome.Processed.class);
    assertThat(database.applied("undone")).isOne();
  }

  private static void assertFailed(Outcome<Void> outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Failed.class);
    Outcome.Failed<Void> failed = (Outcome.Failed<Void>) outcome;
    assertThat(failed.acknowledge()).isFalse();
    assertThat(failed.reason()).isEqualTo(Reason.HANDLER_FAILED);
    assertThat(failed.attempt()).isOne();
    assertThat(failed.cause()).hasMessageStartingWith("IBX-312");
  }

  private static void failAndGoOn(Connection connection) {
    try {
      execute(connection, "SELECT 1 / 0");
    } catch (SQLException e) {
      assertThat(e.getSQLState()).isEqualTo("22012");
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
