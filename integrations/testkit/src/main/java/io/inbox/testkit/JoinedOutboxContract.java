package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.error.UsageException;
import io.inbox.jdbc.JdbcTransactions;
import io.inbox.jdbc.JooqTransactions;
import io.inbox.outbox.Outbox;
import io.inbox.outbox.OutboxAppender;
import io.inbox.outbox.OutboxMessage;
import io.inbox.spi.UnitOfWork;
import io.inbox.spi.UnitOfWork.CommitStep;
import java.sql.Connection;
import java.sql.Savepoint;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jooq.Configuration;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.Test;

/** Appending in transactions that the application runs. */
abstract class JoinedOutboxContract extends OutboxTesting {
  /** Work in a unit of work. */
  @FunctionalInterface
  interface Work {
    void in(UnitOfWork unit) throws Exception;
  }

  private void run(Work work) throws Exception {
    JdbcTransactions.on(pool)
        .inTransaction(
            unit -> {
              work.in(unit);
              return unit;
            });
  }

  @Test
  void commitsWithTheUnitOfWorkAndRollsBackWithIt() throws Exception {
    Outbox outbox = outbox();
    run(
        unit -> {
          outbox.in(unit).append(message("orders", "7", "one"));
          books.apply(unit.connection(), "a", 1);
          outbox.in(unit).append(message("orders", "7", "two"), message("cause"));
        });
    assertThatThrownBy(
            () ->
                run(
                    unit -> {
                      outbox.in(unit).append(message("orders", "7", "a lie"));
                      throw new IllegalStateException("scripted");
                    }))
        .isInstanceOf(IllegalStateException.class);
    run(
        unit -> {
          outbox.in(unit).append(message("orders", "7", "another lie"));
          unit.setRollbackOnly();
        });

    List<OutboxMessage> published = relayed(2);
    assertThat(payloads(published)).containsExactly("one", "two");
    assertThat(published.get(0).causationId()).isEmpty();
    assertThat(published.get(1).causationId()).contains("cause");
  }

  @Test
  void writesAllOfATransactionByOneStatement() throws Exception {
    Outbox outbox = outbox();
    Statements statements = new Statements("INSERT INTO " + table("outbox") + " ");
    for (int messages : new int[] {1, 2, 8, 9, 300}) {
      statements.forget();
      JdbcTransactions.on(statements.of(pool))
          .inTransaction(
              unit -> {
                for (int i = 0; i < messages; i++) {
                  outbox.in(unit).append(message("orders", "7", "m" + i));
                }
                return unit;
              });
      assertThat(statements.count()).as("inserts for %d messages", messages).isEqualTo(1);
    }
    assertThat(payloads(relayed(320)).subList(20, 320)).startsWith("m0", "m1").endsWith("m299");
  }

  @Test
  void goesBackWithASavepointOfTheUnitsConnection() throws Exception {
    Outbox outbox = outbox();
    run(
        unit -> {
          Connection connection = unit.connection();
          outbox.in(unit).append(message("orders", "7", "one"));
          Savepoint savepoint = connection.setSavepoint();
          outbox.in(unit).append(message("orders", "7", "undone"));
          connection.rollback(savepoint);
          outbox.in(unit).append(message("orders", "7", "two"));
        });
    assertThat(payloads(relayed(2))).containsExactly("one", "two");
  }

  @Test
  void aNestedJooqTransactionTakesItsMessagesBack() throws Exception {
    Outbox outbox = outbox();
    JooqTransactions jooq = JooqTransactions.on(DSL.using(pool, database().store().dialect()));
    jooq.dsl()
        .transaction(
            outer -> {
              append(outbox, jooq, outer, "one");
              assertThatThrownBy(
                      () ->
                          outer
                              .dsl()
                              .transaction(
                                  inner -> {
                                    append(outbox, jooq, inner, "undone");
                                    throw new IllegalStateException("undo");
                                  }))
                  .isInstanceOf(IllegalStateException.class);
              outer
                  .dsl()
                  .transaction(
                      inner -> {
                        append(outbox, jooq, inner, "two");
                        append(outbox, jooq, outer, "three");
                      });
              append(outbox, jooq, outer, "four");
            });
    assertThatThrownBy(
            () ->
                jooq.dsl()
                    .transaction(
                        outer -> {
                          append(outbox, jooq, outer, "a lie");
                          throw new IllegalStateException("undo");
                        }))
        .isInstanceOf(IllegalStateException.class);

    assertThat(payloads(relayed(4))).containsExactly("one", "two", "three", "four");
  }

  @Test
  void theFirstAppendInANestedJooqTransactionGoesBackWithIt() throws Exception {
    Outbox outbox = outbox();
    JooqTransactions jooq = JooqTransactions.on(DSL.using(pool, database().store().dialect()));
    jooq.dsl()
        .transaction(
            outer ->
                assertThatThrownBy(
                        () ->
                            outer
                                .dsl()
                                .transaction(
                                    inner -> {
                                      append(outbox, jooq, inner, "undone");
                                      throw new IllegalStateException("undo");
                                    }))
                    .isInstanceOf(IllegalStateException.class));
    assertThat(count("outbox")).isZero();
  }

  private static void append(
      Outbox outbox, JooqTransactions jooq, Configuration configuration, String payload) {
    outbox.in(jooq.unitOfWork(configuration)).append(message("orders", "7", payload));
  }

  @Test
  void nothingIsLostThatIsAppendedByACallbackBeforeTheCommit() throws Exception {
    Outbox outbox = outbox();
    run(
        unit -> {
          outbox.in(unit).append(message("orders", "7", "one"));
          unit.beforeCommit(
              CommitStep.FLUSH, () -> outbox.in(unit).append(message("orders", "7", "two")));
        });
    assertThat(payloads(relayed(2))).containsExactly("one", "two");
  }

  @Test
  void appendingTooLateIsRefusedRatherThanLost() throws Exception {
    Outbox outbox = outbox();
    for (boolean before : new boolean[] {true, false}) {
      assertThatThrownBy(
              () ->
                  run(
                      unit -> {
                        if (before) {
                          outbox.in(unit).append(message("orders", "7", "in time"));
                        }
                        unit.beforeCommit(
                            CommitStep.GUARD,
                            () -> outbox.in(unit).append(message("orders", "7", "late")));
                      }))
          .as("in a guard, appended before: %s", before)
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("IBX-310");
      AtomicReference<UnitOfWork> ended = new AtomicReference<>();
      AtomicReference<Optional<OutboxAppender>> kept = new AtomicReference<>();
      run(
          unit -> {
            ended.set(unit);
            kept.set(before ? Optional.of(outbox.in(unit)) : Optional.empty());
          });
      assertThatThrownBy(
              () ->
                  kept.get()
                      .orElseGet(() -> outbox.in(ended.get()))
                      .append(message("orders", "7", "late")))
          .as("after the end, appender made before: %s", before)
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("IBX-310");
    }
    assertThat(count("outbox")).isZero();
  }

  @Test
  void onABareConnectionItIsWrittenAtOnceAndCommitsWithIt() throws Exception {
    Outbox outbox = outbox();
    committed(connection -> outbox.on(connection).append(message("orders", "7", "one")));
    committed(
        connection -> {
          outbox.on(connection).append(message("orders", "7", "a lie"));
          connection.rollback();
          Savepoint savepoint = connection.setSavepoint();
          outbox.on(connection).append(message("orders", "7", "undone"));
          connection.rollback(savepoint);
          return outbox.on(connection).append(message("orders", "7", "two"), message("cause"));
        });
    List<OutboxMessage> published = relayed(2);
    assertThat(payloads(published)).containsExactly("one", "two");
    assertThat(published.get(1).correlationId()).contains("cause");
  }

  @Test
  void aConnectionWithoutATransactionIsRefused() throws Exception {
    Outbox outbox = outbox();
    Connection kept;
    try (Connection connection = pool.getConnection()) {
      kept = connection;
      assertThatThrownBy(() -> outbox.on(connection).append(message("orders", "7", "x")))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("IBX-304")
          .hasMessageContaining("setAutoCommit(false)");
    }
    assertThatThrownBy(() -> outbox.on(kept).append(message("orders", "7", "x")))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("IBX-307");
    assertThat(count("outbox")).isZero();
  }

  @Test
  void aHandlerMayAppendOnItsConnectionAtOnce() throws Exception {
    Outbox outbox = outbox();
    open()
        .process(
            message("a"),
            tx -> {
              outbox.on(tx.connection()).append(message("orders", "7", "at once"));
              tx.outbox().append(message("orders", "7", "at the end"));
            });
    assertThat(payloads(relayed(2))).containsExactly("at once", "at the end");
  }
}
