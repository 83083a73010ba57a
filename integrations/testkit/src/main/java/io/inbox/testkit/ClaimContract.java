package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Claim;
import io.inbox.Fingerprint;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.error.RetryLaterException;
import io.inbox.error.UsageException;
import io.inbox.jdbc.JooqTransactions;
import io.inbox.spi.UnitOfWork.CommitStep;
import io.inbox.spi.UnitOfWork.Completion;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.Test;

/** Claims in a transaction that the caller owns. */
abstract class ClaimContract extends Contract {
  @Test
  void aKeyIsFirstOnceAndThenADuplicate() throws Exception {
    Inbox inbox = open();
    assertThat(claim(inbox, message("a"))).isInstanceOf(Claim.First.class);
    Claim.Duplicate again = as(Claim.Duplicate.class, claim(inbox, message("a")));
    assertThat(again.reason()).isEqualTo(Reason.SAME_KEY);
    assertThat(again.key().messageId()).isEqualTo("a");
    assertThat(again.key().consumer()).isEqualTo(consumer);
  }

  @Test
  void aRollbackGivesTheKeyBack() throws Exception {
    Inbox inbox = open();
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      inbox.claim(connection, message("a"));
      connection.rollback();
    }
    assertThat(claim(inbox, message("a"))).isInstanceOf(Claim.First.class);
  }

  @Test
  void oneTransactionThatClaimsTwiceIsItsOwnDuplicate() throws Exception {
    Inbox inbox = open();
    committed(
        connection -> {
          assertThat(inbox.claim(connection, message("a"))).isInstanceOf(Claim.First.class);
          return assertThat(inbox.claim(connection, message("a")))
              .isInstanceOf(Claim.Duplicate.class);
        });
  }

  /**
   * A duplicate found by provoking a key violation would abort PostgreSQL's transaction, and its
   * commit would report success and keep nothing.
   */
  @Test
  void aDuplicateLeavesTheTransactionAbleToCommit() throws Exception {
    Inbox inbox = open();
    claim(inbox, message("a"));
    committed(
        connection -> {
          books.apply(connection, "before", 1);
          assertThat(inbox.claim(connection, message("a"))).isInstanceOf(Claim.Duplicate.class);
          books.apply(connection, "after", 1);
          return null;
        });
    assertThat(books.applied()).containsExactlyInAnyOrder("before", "after");
  }

  @Test
  void refusesAConnectionThatCannotHoldKeyAndEffectTogether() throws Exception {
    Inbox inbox = open();
    try (Connection connection = pool.getConnection()) {
      assertThatThrownBy(() -> inbox.claim(connection, message("a")))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("IBX-304")
          .hasMessageContaining("setAutoCommit(false)");
    }
    Connection closed = pool.getConnection();
    closed.close();
    assertThatThrownBy(() -> inbox.claim(closed, message("a")))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("IBX-307");
    assertThat(rows("message")).isZero();
  }

  @Test
  void refusesATransactionThatHasFailed() throws Exception {
    assumeThat(database().failedStatementEndsTransaction()).isTrue();
    Inbox inbox = open();
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      assertThatThrownBy(() -> books.fail(connection)).isInstanceOf(SQLException.class);
      assertThatThrownBy(() -> inbox.claim(connection, message("a")))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("IBX-305")
          .hasMessageContaining("roll it back");
      connection.rollback();
    }
  }

  @Test
  void putsTheCallersLockWaitBack() throws Exception {
    Inbox inbox = open();
    claim(inbox, message("known"));
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      String before = lockWait(connection);
      statement.execute(database().lockWaitStatement(Duration.ofMillis(7_654)));
      String set = lockWait(connection);
      connection.setAutoCommit(false);
      for (String id : List.of("fresh", "known", "fresh too")) {
        inbox.claim(connection, message(id));
        assertThat(lockWait(connection)).as("after claiming " + id).isEqualTo(set);
      }
      connection.commit();
      assertThat(lockWait(connection)).as("after the commit").isEqualTo(set);
      connection.setAutoCommit(true);
      assertThat(set).isNotEqualTo(before);
    } finally {
      pool.getHikariPoolMXBean().softEvictConnections();
    }
  }

  private String lockWait(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(database().lockWaitQuery());
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getString(1);
    }
  }

  @Test
  void aKeyHeldTooLongAsksForARollback() throws Exception {
    Inbox inbox = open(it -> it.wait(Duration.ofMillis(50)));
    try (Connection holder = pool.getConnection();
        Connection late = pool.getConnection()) {
      holder.setAutoCommit(false);
      late.setAutoCommit(false);
      inbox.claim(holder, message("a"));
      assertThatThrownBy(() -> inbox.claim(late, message("a")))
          .isInstanceOf(RetryLaterException.class)
          .hasMessageContaining("IBX-320")
          .hasMessageContaining("roll this transaction back");
      late.rollback();
      holder.commit();
      assertThat(inbox.claim(late, message("a"))).isInstanceOf(Claim.Duplicate.class);
      late.rollback();
    }
  }

  @Test
  void whatMustNotBeHandledIsStoredInTheCallersTransaction() throws Exception {
    Inbox inbox = open(it -> it.fingerprint(Fingerprint.ofPayload()).window(Duration.ofDays(1)));
    Message old = Message.builder("old").time(Instant.now().minus(Duration.ofDays(2))).build();
    claim(inbox, message("a"));
    Message other = Message.of("a", bytes("something else"));
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      assertThat(inbox.claim(connection, other)).isInstanceOf(Claim.Mismatch.class);
      assertThat(as(Claim.OutsideWindow.class, inbox.claim(connection, old)).reason())
          .isEqualTo(Reason.TOO_OLD);
      connection.rollback();
    }
    assertThat(rows("dead_letter")).as("rolled back with the caller").isZero();
    Claim.Mismatch mismatch = as(Claim.Mismatch.class, claim(inbox, other));
    assertThat(inbox.deadLetters().show(mismatch.deadLetterId()).orElseThrow().payload())
        .contains(bytes("something else"));
  }

  /** Needing a second connection inside the caller's transaction empties a pool for good. */
  @Test
  void needsNoSecondConnection() throws Exception {
    try (HikariDataSource one = database().newPool(1, null)) {
      Inbox inbox = open(consumer, one, it -> it);
      try (Connection connection = one.getConnection()) {
        connection.setAutoCommit(false);
        inbox.claim(connection, message("a"));
        inbox.claim(connection, message("a"));
        inbox.claim(connection, Message.builder("b").time(Instant.EPOCH).build());
        connection.commit();
      }
      inbox.close();
    }
  }

  @Test
  void aHandlerMayClaimFurtherKeysOnItsConnection() {
    Inbox inbox = open();
    Inbox inner = open(consumer + "-inner", pool, it -> it);
    handle(inner, message("known"));
    List<Claim> claims = new ArrayList<>();
    Outcome<Void> outcome =
        inbox.process(
            message("a"),
            tx -> {
              claims.clear();
              claims.add(inner.claim(tx.connection(), message("fresh")));
              claims.add(inner.claim(tx.connection(), message("known")));
              books.apply(tx.connection(), "a", 1);
            });
    assertThat(outcome).isInstanceOf(Outcome.Processed.class);
    assertThat(claims)
        .extracting(it -> (Object) it.getClass())
        .containsExactly(Claim.First.class, Claim.Duplicate.class);
    assertThat(mustNotRun(inner, message("fresh"))).isInstanceOf(Outcome.Duplicate.class);
  }

  @Test
  void aUnitOfWorkIsGuarded() throws Exception {
    Inbox inbox = open();
    List<Completion> ends = new ArrayList<>();
    database()
        .transactions(pool)
        .inTransaction(
            unit -> {
              unit.afterCompletion(ends::add);
              assertThat(inbox.claim(unit, message("a"))).isInstanceOf(Claim.First.class);
              books.apply(unit.connection(), "a", 1);
              return null;
            });
    assertThat(ends).containsExactly(Completion.COMMITTED);
    assertThat(books.applied()).containsExactly("a");
    assertThatThrownBy(
            () ->
                database()
                    .transactions(pool)
                    .inTransaction(
                        unit -> {
                          unit.afterCompletion(ends::add);
                          inbox.claim(unit, message("b"));
                          books.apply(unit.connection(), "b", 1);
                          endBehindItsBack(unit.connection());
                          return null;
                        }))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("IBX-31");
    assertThat(ends).containsExactly(Completion.COMMITTED, Completion.ROLLED_BACK);
  }

  /** Makes the transaction unfit to commit in the way this database allows. */
  private void endBehindItsBack(Connection connection) throws SQLException {
    if (database().failedStatementEndsTransaction()) {
      assertThatThrownBy(() -> books.fail(connection)).isInstanceOf(SQLException.class);
    } else {
      connection.rollback();
      books.apply(connection, "in another transaction", 1);
    }
  }

  @Test
  void joinsTransactionsBegunWithJooq() {
    Inbox inbox = open();
    JooqTransactions transactions =
        JooqTransactions.on(DSL.using(pool, database().store().dialect()));
    List<Completion> ends = new ArrayList<>();
    transactions
        .dsl()
        .transaction(
            outer -> {
              transactions.unitOfWork(outer).afterCompletion(ends::add);
              DSL.using(outer)
                  .transaction(
                      nested ->
                          assertThat(inbox.claim(transactions.unitOfWork(nested), message("a")))
                              .isInstanceOf(Claim.First.class));
              assertThat(transactions.unitOfWork(outer).identity())
                  .isSameAs(transactions.unitOfWork(outer).identity());
              assertThat(ends).as("a nested transaction is no end").isEmpty();
              DSL.using(outer).connection(it -> books.apply(it, "a", 1));
            });
    assertThat(ends).containsExactly(Completion.COMMITTED);
    assertThat(books.applied()).containsExactly("a");
    assertThat(mustNotRun(inbox, message("a"))).isInstanceOf(Outcome.Duplicate.class);
  }

  @Test
  void aJooqTransactionThatTheGuardRefusesIsToldAsRolledBack() {
    Inbox inbox = open();
    JooqTransactions transactions =
        JooqTransactions.on(DSL.using(pool, database().store().dialect()));
    List<Completion> ends = new ArrayList<>();
    assertThatThrownBy(
            () ->
                transactions
                    .dsl()
                    .transaction(
                        outer -> {
                          transactions.unitOfWork(outer).afterCompletion(ends::add);
                          inbox.claim(transactions.unitOfWork(outer), message("a"));
                          DSL.using(outer).connection(it -> books.apply(it, "a", 1));
                          transactions
                              .unitOfWork(outer)
                              .beforeCommit(
                                  CommitStep.GUARD,
                                  () -> {
                                    throw new UsageException("IBX-312", "refused", null);
                                  });
                        }))
        .hasStackTraceContaining("IBX-312");
    assertThat(ends).containsExactly(Completion.ROLLED_BACK);
    assertThat(books.applied()).isEmpty();
    assertThat(handle(inbox, message("a"))).isInstanceOf(Outcome.Processed.class);
  }

  @Test
  void waitsForTheOneThatClaimedFirst() throws Exception {
    Inbox inbox = open(it -> it.wait(Duration.ofSeconds(30)));
    CountDownLatch claimed = new CountDownLatch(1);
    CountDownLatch commit = new CountDownLatch(1);
    Future<Claim> first =
        threads.start(
            () ->
                committed(
                    connection -> {
                      Claim claim = inbox.claim(connection, message("a"));
                      claimed.countDown();
                      Threads.await(commit);
                      return claim;
                    }));
    Threads.await(claimed);
    Future<Claim> second =
        threads.start(() -> committed(connection -> inbox.claim(connection, message("a"))));
    awaitWaiting(1);
    assertThat(second).isNotDone();
    commit.countDown();
    assertThat(Threads.result(first)).isInstanceOf(Claim.First.class);
    assertThat(Threads.result(second)).isInstanceOf(Claim.Duplicate.class);
  }
}
