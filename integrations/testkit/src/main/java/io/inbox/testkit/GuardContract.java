package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.inbox.Handler;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.Transaction;
import io.inbox.error.UsageException;
import io.inbox.spi.SqlError;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What stands between a handler's connection and a commit that would not keep its promise. */
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

  /**
   * After a failed statement PostgreSQL turns COMMIT into ROLLBACK and the driver reports success;
   * H2 commits what is left. Either way the message must not be acknowledged.
   */
  @Test
  void aSwallowedErrorIsNeverAcknowledged() {
    Inbox inbox = open();
    Handler swallowing =
        tx -> {
          books.apply(tx.connection(), "a", 1);
          assertThatThrownBy(() -> books.fail(tx.connection())).isInstanceOf(SQLException.class);
        };
    Outcome.Failed<?> failed = as(Outcome.Failed.class, inbox.process(message("a"), swallowing));
    assertThat(failed.reason()).isEqualTo(Reason.HANDLER_FAILED);
    assertThat(failed.cause())
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("IBX-312")
        .hasMessageContaining("savepoint");
    assertThat(failed.cause().getCause()).as("what was swallowed").isInstanceOf(SQLException.class);
    assertThat(books.applied()).isEmpty();
    assertThat(rows("message")).isZero();
    List<Outcome<Void>> batch =
        inbox.processBatch(
            List.of(message("b"), message("c")), (fresh, tx) -> swallowing.handle(tx));
    assertThat(kinds(batch)).containsOnly("Failed");
    assertThat(books.balance()).isZero();
  }

  @Test
  void anErrorSwallowedInsideJooqIsSeenToo() {
    Inbox inbox = open();
    Outcome<Void> outcome =
        inbox.process(
            message("a"),
            tx -> {
              books.apply(tx.connection(), "a", 1);
              assertThatThrownBy(() -> tx.dsl().execute("SELECT * FROM no_such_table")).isNotNull();
            });
    assertThat(outcome).isInstanceOf(Outcome.Failed.class);
    assertThat(books.applied()).isEmpty();
  }

  @Test
  void anErrorUndoneByASavepointIsForgiven() {
    Inbox inbox = open();
    Outcome<Void> outcome =
        inbox.process(
            message("a"),
            tx -> {
              Connection connection = tx.connection();
              books.apply(connection, "a", 1);
              Savepoint savepoint = connection.setSavepoint();
              assertThatThrownBy(() -> books.fail(connection)).isInstanceOf(SQLException.class);
              connection.rollback(savepoint);
              connection.releaseSavepoint(savepoint);
              tx.dsl()
                  .transaction(
                      nested ->
                          assertThatThrownBy(
                                  () -> nested.dsl().transaction(inner -> books.fail(connection)))
                              .isNotNull());
            });
    assertThat(outcome).isInstanceOf(Outcome.Processed.class);
    assertThat(books.applied()).containsExactly("a");
  }

  @Test
  void aSavepointSetAfterTheErrorForgivesNothing() {
    Inbox inbox = open();
    Outcome<Void> outcome =
        inbox.process(
            message("a"),
            tx -> {
              Connection connection = tx.connection();
              books.apply(connection, "a", 1);
              assertThatThrownBy(() -> books.fail(connection)).isInstanceOf(SQLException.class);
              try {
                Savepoint late = connection.setSavepoint();
                connection.rollback(late);
              } catch (SQLException e) {
                // Where the transaction has failed, no savepoint can be set.
              }
            });
    assertThat(outcome).isInstanceOf(Outcome.Failed.class);
    assertThat(books.applied()).isEmpty();
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

  /**
   * The victim of a deadlock that swallows the error goes on in another transaction on some
   * databases, without the key and without what it wrote before.
   */
  @Test
  void aSwallowedDeadlockRunsAgainAsAWhole() throws Exception {
    Deadlock deadlock = new Deadlock();
    Inbox inbox = open();
    Outcome<Void> outcome =
        inbox.process(
            message("a"),
            tx -> {
              books.apply(tx.connection(), "a", 1);
              try {
                deadlock.meet(tx.connection());
              } catch (SQLException e) {
                Books.add(tx.connection(), books.owner(), 1_000); // goes on as if nothing was
              }
            });
    deadlock.end();
    assertThat(outcome).isInstanceOf(Outcome.Processed.class);
    assertThat(books.applied()).containsExactly("a");
    assertThat(books.balance()).isEqualTo(1);
  }

  @Test
  void aDeadlockInAHandlerRunsAgain() throws Exception {
    Deadlock deadlock = new Deadlock();
    Inbox inbox = open();
    Outcome<Void> outcome =
        inbox.process(
            message("a"),
            tx -> {
              books.apply(tx.connection(), "a", 1);
              deadlock.meet(tx.connection());
            });
    deadlock.end();
    assertThat(outcome).isInstanceOf(Outcome.Processed.class);
    assertThat(books.applied()).containsExactly("a");
    assertThat(rows("attempt")).isZero();
  }

  /**
   * A deadlock, once, over two accounts between a handler and another session; the handler loses,
   * or on H2 perhaps the other one, or both.
   */
  private final class Deadlock {
    private final String other = books.secondAccount();
    private final CountDownLatch held = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);
    private final Future<Object> opponent = threads.start(this::oppose);
    private boolean over;
    int victims;

    private Object oppose() throws Exception {
      return committed(
          connection -> {
            Books.add(connection, other, 1);
            held.countDown();
            Threads.await(go);
            Books.add(connection, books.owner(), 0);
            return other;
          });
    }

    /** Runs in the handler, which holds the lock on its own account. */
    void meet(Connection connection) throws Exception {
      if (over) {
        return;
      }
      over = true;
      Threads.await(held);
      try {
        if (database().lastWaiterIsDeadlockVictim()) {
          go.countDown();
          awaitWaiting(1);
          Books.add(connection, other, 1);
        } else {
          Future<Object> release =
              threads.start(
                  () -> {
                    awaitWaiting(1);
                    go.countDown();
                    return go;
                  });
          Books.add(connection, other, 1);
          Threads.result(release);
        }
      } catch (SQLException e) {
        victims++;
        throw e;
      }
    }

    /** Waits for the other session. H2 may have chosen it as well, or instead. */
    void end() throws Exception {
      try {
        Threads.result(opponent);
      } catch (ExecutionException e) {
        assertThat(SqlError.of(e)).isEqualTo(SqlError.RETRY);
        victims++;
      }
      assertThat(victims).as("there was a deadlock").isPositive();
    }
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

  /** What the database refuses only at COMMIT is the handler's failure, not success. */
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
