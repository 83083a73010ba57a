package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.Handler;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.RetryPolicy;
import io.inbox.error.UsageException;
import io.inbox.spi.SqlError;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Errors of the database that reach a handler, and what it may make of them. */
abstract class SwallowedErrorContract extends Contract {
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

  /** Attempts are forgotten before the commit: that statement must not be blamed. */
  @Test
  void anErrorSwallowedInARedeliveryIsCountedToo() {
    Inbox inbox = open(it -> it.retry(RetryPolicy.builder().maxAttempts(2).build()));
    Handler swallowing =
        tx ->
            assertThatThrownBy(() -> books.fail(tx.connection())).isInstanceOf(SQLException.class);
    Outcome.Failed<?> failed = as(Outcome.Failed.class, inbox.process(message("a"), swallowing));
    assertThat(failed.attempt()).isEqualTo(1);
    Message again = Message.builder("a").deliveryCount(2).build();
    Outcome.DeadLettered<?> dead = as(Outcome.DeadLettered.class, inbox.process(again, swallowing));
    assertThat(dead.reason()).isEqualTo(Reason.ATTEMPTS_EXHAUSTED);
    assertThat(dead.cause()).hasMessageContaining("IBX-312");
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
}
