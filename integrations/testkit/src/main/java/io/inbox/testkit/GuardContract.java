package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Transaction;
import io.inbox.error.UsageException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What a handler's connection refuses, because the transaction belongs to Inbox. */
abstract class GuardContract extends Contract {
  /** What a handler must not do, by name. */
  @FunctionalInterface
  private interface Misuse {
    void on(Connection connection) throws SQLException;
  }

  private static Misuse sql(String text) {
    return connection -> {
      try (Statement statement = connection.createStatement()) {
        statement.execute(text);
      }
    };
  }

  private static Map<String, Misuse> misuses() {
    Map<String, Misuse> all = new LinkedHashMap<>();
    all.put("commit()", Connection::commit);
    all.put("rollback()", Connection::rollback);
    all.put("close()", Connection::close);
    all.put("setAutoCommit(true)", it -> it.setAutoCommit(true));
    all.put(
        "setTransactionIsolation",
        it -> it.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE));
    all.put("setReadOnly", it -> it.setReadOnly(true));
    all.put("abort", it -> it.abort(Runnable::run));
    all.put("COMMIT", sql("COMMIT"));
    all.put("rollback in small letters", sql("rollback"));
    all.put("behind a comment", sql("/* a /* nested */ one */ -- and a line\n COMMIT"));
    all.put("behind another statement", sql("UPDATE account SET balance = balance; COMMIT"));
    all.put("BEGIN", sql("BEGIN"));
    all.put("START TRANSACTION", sql("START TRANSACTION"));
    all.put("SAVEPOINT", sql("SAVEPOINT s"));
    all.put("SET TRANSACTION", sql("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"));
    all.put(
        "prepared",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement("COMMIT")) {
            statement.execute();
          }
        });
    all.put(
        "in a JDBC batch",
        connection -> {
          try (Statement statement = connection.createStatement()) {
            statement.addBatch("COMMIT");
            statement.executeBatch();
          }
        });
    all.put(
        "through the statement's connection",
        connection -> {
          try (Statement statement = connection.createStatement()) {
            statement.getConnection().commit();
          }
        });
    return all;
  }

  @Test
  void transactionControlIsRefusedInEveryForm() {
    Inbox inbox = open();
    misuses()
        .forEach(
            (name, misuse) -> {
              Message message = message(name);
              Outcome<Void> outcome =
                  inbox.process(
                      message,
                      tx -> {
                        books.apply(tx.connection(), name, 1);
                        misuse.on(tx.connection());
                      });
              Outcome.Failed<?> failed = as(Outcome.Failed.class, outcome);
              assertThat(failed.cause())
                  .as(name)
                  .isInstanceOf(UsageException.class)
                  .hasMessageContaining("IBX-311")
                  .hasMessageContaining("transaction belongs to Inbox");
              assertThat(books.applied()).as(name).isEmpty();
            });
    assertThat(books.balance()).isZero();
    assertThat(rows("message")).isZero();
  }

  @Test
  void aRefusedCallThatIsSwallowedChangesNothing() {
    Inbox inbox = open();
    Outcome<Void> outcome =
        inbox.process(
            message("a"),
            tx -> {
              books.apply(tx.connection(), "a", 1);
              assertThatThrownBy(() -> tx.connection().rollback())
                  .isInstanceOf(UsageException.class);
              assertThatThrownBy(() -> tx.connection().commit()).isInstanceOf(UsageException.class);
            });
    assertThat(outcome).isInstanceOf(Outcome.Processed.class);
    assertThat(books.applied()).containsExactly("a");
  }

  /** DDL that commits would keep the key with half of the effect, for good. */
  @Test
  void ddlThatWouldCommitIsRefused() {
    assumeThat(database().goesOnInAnotherTransaction()).isTrue();
    Inbox inbox = open();
    for (String ddl :
        List.of(
            "CREATE TABLE made_by_a_handler (x INT)",
            "ALTER TABLE account ADD COLUMN y INT",
            "DROP TABLE IF EXISTS nothing",
            "TRUNCATE TABLE applied",
            "/* c */ create index i on applied (message_id)",
            "COMMENT ON TABLE account IS 'x'",
            "UPDATE account SET balance = balance; DROP TABLE IF EXISTS nothing")) {
      Outcome<Void> outcome =
          inbox.process(
              message("a"),
              tx -> {
                books.apply(tx.connection(), "a", 1);
                sql(ddl).on(tx.connection());
              });
      assertThat(as(Outcome.Failed.class, outcome).cause())
          .as(ddl)
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("IBX-311")
          .hasMessageContaining("outside of handlers");
      assertThat(books.applied()).as(ddl).isEmpty();
      assertThat(rows("message")).as(ddl).isZero();
    }
  }

  @Test
  void ddlThatIsTransactionalIsPartOfTheUnit() {
    assumeThat(database().goesOnInAnotherTransaction()).isFalse();
    Inbox inbox = open();
    inbox.process(
        message("a"),
        tx -> {
          sql("CREATE TABLE made_by_a_handler (x INT)").on(tx.connection());
          throw new IllegalStateException("undo it");
        });
    assertThat(
            inbox.process(
                message("a"),
                tx -> {
                  sql("CREATE TABLE made_by_a_handler (x INT)").on(tx.connection());
                  sql("DROP TABLE made_by_a_handler").on(tx.connection());
                }))
        .isInstanceOf(Outcome.Processed.class);
  }

  @Test
  void theConnectionIsDeadAfterTheHandler() {
    Inbox inbox = open();
    AtomicReference<Transaction> kept = new AtomicReference<>();
    List<PreparedStatement> statements = new ArrayList<>();
    inbox.process(
        message("a"),
        tx -> {
          kept.set(tx);
          statements.add(
              tx.connection().prepareStatement("UPDATE account SET balance = balance + 1"));
        });
    for (Misuse use :
        List.<Misuse>of(
            Connection::createStatement,
            it -> it.prepareStatement("SELECT 1"),
            Connection::setSavepoint,
            it -> statements.get(0).executeUpdate())) {
      assertThatThrownBy(() -> use.on(kept.get().connection()))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("IBX-310")
          .hasMessageContaining("after the handler returned");
    }
    assertThatThrownBy(() -> kept.get().afterCommit(() -> {})).isInstanceOf(UsageException.class);
    assertThat(books.balance()).isZero();
  }

  @Test
  void theConnectionOfSeveralMessagesIsOfNoUseAfterTheirHandlerEither() {
    Inbox inbox = open();
    List<Transaction> kept = new ArrayList<>();
    inbox.processBatch(List.of(message("a"), message("b")), (fresh, tx) -> kept.add(tx));
    inbox.takeOver("orders", 0).process(1, message("c"), kept::add);
    assertThat(kept)
        .hasSize(2)
        .allSatisfy(
            tx ->
                assertThatThrownBy(() -> books.apply(tx.connection(), "late", 1))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("IBX-310")
                    .hasMessageContaining("after the handler returned"));
  }

  @Test
  void theConnectionBelongsToTheHandlersThread() {
    Inbox inbox = open();
    Outcome<Void> outcome =
        inbox.process(
            message("a"),
            tx -> {
              Future<Object> other =
                  threads.start(
                      () -> {
                        books.apply(tx.connection(), "from another thread", 1);
                        return tx;
                      });
              assertThatThrownBy(() -> Threads.result(other))
                  .hasCauseInstanceOf(UsageException.class)
                  .hasMessageContaining("IBX-310")
                  .hasMessageContaining("belongs to one thread");
              books.apply(tx.connection(), "a", 1);
            });
    assertThat(outcome).isInstanceOf(Outcome.Processed.class);
    assertThat(books.applied()).containsExactly("a");
  }

  @Test
  void textThatOnlyLooksLikeTransactionControlIsAllowed() {
    Inbox inbox = open();
    Outcome<Void> outcome =
        inbox.process(
            message("a"),
            tx -> {
              Connection connection = tx.connection();
              sql("UPDATE account SET owner = owner WHERE owner = '; COMMIT; '").on(connection);
              sql("/* ; COMMIT; */ UPDATE account SET balance = balance WHERE 1 = 0;")
                  .on(connection);
              sql("UPDATE account SET balance = balance WHERE 1 = 0 -- ; ROLLBACK").on(connection);
              sql("SELECT 1 AS \"; COMMIT\"").on(connection);
            });
    assertThat(outcome).isInstanceOf(Outcome.Processed.class);
  }
}
