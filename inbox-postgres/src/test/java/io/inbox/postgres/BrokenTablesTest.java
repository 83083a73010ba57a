package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Handler;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.RetryPolicy;
import io.inbox.error.InboxException;
import io.inbox.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Somebody takes away what a running inbox needs, and gives it back. */
class BrokenTablesTest {
  private static final int ATTEMPTS = 3;

  private PaymentsDatabase database;
  private HikariDataSource pool;
  private Inbox inbox;

  @BeforeEach
  void open() throws Exception {
    database = PaymentsDatabase.on(PostgresServer.shared(PostgresServer.NEWEST));
    pool = database.pool(2);
    inbox =
        PaymentsDatabase.inbox("payments", pool)
            .retry(
                RetryPolicy.builder()
                    .maxAttempts(ATTEMPTS)
                    .initialBackoff(Duration.ofMillis(10))
                    .maxBackoff(Duration.ofMillis(10))
                    .build())
            .build();
  }

  @AfterEach
  void close() {
    inbox.close();
    pool.close();
  }

  private static boolean acknowledged(Inbox inbox, Message message, Handler handler) {
    try {
      return inbox.process(message, handler).acknowledge();
    } catch (InboxException e) {
      return false;
    }
  }

  @Test
  void aDeadLetterThatCannotBeWrittenIsNotAcknowledged() throws Exception {
    Message message = PaymentsDatabase.message("poison");
    Handler failing =
        tx -> {
          throw new IllegalStateException("always");
        };
    database.execute("ALTER TABLE inbox.dead_letter RENAME TO gone");
    for (int i = 0; i <= ATTEMPTS; i++) {
      assertThat(acknowledged(inbox, message, failing)).as("attempt %d", i + 1).isFalse();
    }
    database.execute("ALTER TABLE inbox.gone RENAME TO dead_letter");
    assertThat(inbox.process(message, failing)).isInstanceOf(Outcome.DeadLettered.class);
  }

  @Test
  void aTableThatIsGoneAcknowledgesNothing() throws Exception {
    Message message = PaymentsDatabase.message("m");
    database.execute("ALTER TABLE inbox.message RENAME TO gone");
    assertThat(acknowledged(inbox, message, PaymentsDatabase.applying(message))).isFalse();
    assertThat(database.applied("m")).isZero();
    database.execute("ALTER TABLE inbox.gone RENAME TO message");
    assertThat(inbox.process(message, PaymentsDatabase.applying(message)))
        .isInstanceOf(Outcome.Processed.class);
    assertThat(database.applied("m")).isOne();
  }

  @Test
  void aStatementThatTakesTooLongIsRolledBack() throws Exception {
    Message message = PaymentsDatabase.message("slow");
    Outcome<Void> outcome =
        inbox.process(
            message,
            tx -> {
              PaymentsDatabase.apply(tx, message);
              try (Statement statement = tx.connection().createStatement()) {
                statement.execute("SET LOCAL statement_timeout = '50ms'");
                statement.execute("SELECT pg_sleep(60)");
              }
            });
    assertThat(outcome.acknowledge()).isFalse();
    assertThat(database.applied("slow")).isZero();
    assertThat(inbox.process(message, PaymentsDatabase.applying(message)))
        .isInstanceOf(Outcome.Processed.class);
  }

  @Test
  void noConnectionLeftAcknowledgesNothing() throws Exception {
    database.execute(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'single') THEN"
            + " CREATE ROLE single LOGIN CONNECTION LIMIT 1; END IF; END $$",
        "GRANT ALL ON SCHEMA inbox, public TO single",
        "GRANT ALL ON ALL TABLES IN SCHEMA inbox, public TO single",
        "GRANT ALL ON ALL SEQUENCES IN SCHEMA inbox, public TO single");
    String url = database.url().replace("user=postgres", "user=single");
    Message message = PaymentsDatabase.message("m");
    try (HikariDataSource one = PaymentsDatabase.pool(url, 1);
        Inbox single = PaymentsDatabase.inbox("single", one).build()) {
      one.getHikariPoolMXBean().softEvictConnections();
      try (Connection other = hold(url)) {
        assertThat(other.isValid(10)).isTrue();
        assertThat(acknowledged(single, message, PaymentsDatabase.applying(message))).isFalse();
        assertThat(database.applied("m")).isZero();
      }
      database.await(
          "NOT EXISTS (SELECT FROM pg_stat_activity WHERE usename = 'single' AND datname = current_database())");
      assertThat(single.process(message, PaymentsDatabase.applying(message)))
          .isInstanceOf(Outcome.Processed.class);
    }
  }

  /** The pool gives its connection up in a thread of its own. */
  private static Connection hold(String url) throws Exception {
    while (true) {
      try {
        return DriverManager.getConnection(url);
      } catch (SQLException e) {
        if (!"53300".equals(e.getSQLState())) {
          throw e;
        }
        LockSupport.parkNanos(1_000_000);
      }
    }
  }
}
