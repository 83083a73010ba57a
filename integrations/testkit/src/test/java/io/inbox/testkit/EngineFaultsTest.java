package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.Backfill.Handled;
import io.inbox.Claim;
import io.inbox.DeadLetterQuery;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.error.DatabaseException;
import io.inbox.error.InboxException;
import io.inbox.error.RetryLaterException;
import io.inbox.jdbc.JdbcTransactions;
import io.inbox.spi.RetryEvent;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.jooq.exception.DataAccessException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the engine makes of each error at each step, and how often it tries: transactions and
 * statements that fail by a script, whatever the database.
 */
class EngineFaultsTest extends FaultTesting {
  EngineFaultsTest() {
    super(it -> it.wait(Duration.ofMillis(50)));
  }

  @ParameterizedTest
  @CsvSource({
    "CONNECT, 40001, DATABASE_UNAVAILABLE",
    "CONNECT, 42000, DATABASE_UNAVAILABLE",
    "STATEMENT, 08006, DATABASE_UNAVAILABLE",
    "STATEMENT, HYT00, DATABASE_UNAVAILABLE",
    "STATEMENT, 57014, DATABASE_UNAVAILABLE",
    "COMMIT, 08006, DATABASE_UNAVAILABLE",
    "COMMIT, 23505, HANDLER_FAILED",
    "COMMIT, HYT00, HANDLER_FAILED",
    "COMMIT, 57014, HANDLER_FAILED",
    "COMMIT, 23514, HANDLER_FAILED"
  })
  void anErrorIsBlamedByItsPlace(At at, String state, String reason) {
    script(fault(at, state));
    Outcome<Void> outcome = process();
    assertThat(reason(outcome).code()).isEqualTo(reason);
    boolean counted = reason.equals("HANDLER_FAILED");
    assertThat(((Outcome.Failed<Void>) outcome).attempt()).isEqualTo(counted ? 1 : 0);
    assertThat(transactions).hasValue(counted ? 2 : 1);
    assertThat(process()).isInstanceOf(Outcome.Processed.class);
  }

  @ParameterizedTest
  @CsvSource({"STATEMENT, 40001", "STATEMENT, 23505", "COMMIT, 40001"})
  void aLostRaceRunsAgainSixTimesAtMost(At at, String state) {
    script(ROUNDS_OF_A_DELIVERY - 1, fault(at, state));
    assertThat(process()).isInstanceOf(Outcome.Processed.class);
    assertThat(transactions.getAndSet(0)).isEqualTo(ROUNDS_OF_A_DELIVERY);
    script(ROUNDS_OF_A_DELIVERY, fault(at, state));
    assertThat(reason(process())).isEqualTo(Reason.CONTENTION);
    assertThat(transactions).hasValue(ROUNDS_OF_A_DELIVERY);
  }

  @Test
  void theCommitOfARedeliveryIsBlamedLikeThatOfTheFirst() {
    script(fault(At.COMMIT, "23514"));
    Message again = Message.builder("a").deliveryCount(2).build();
    assertThat(reason(inbox.process(again, tx -> handled.incrementAndGet())))
        .isEqualTo(Reason.HANDLER_FAILED);
  }

  @Test
  void anUnknownErrorOfItsOwnStatementIsThrown() {
    script(fault(At.STATEMENT, "22000"));
    assertThatThrownBy(this::process).isInstanceOf(DatabaseException.class);
    assertThat(transactions).hasValue(1);
  }

  @Test
  void aCommitInDoubtIsDecidedByClaimingOnceMore() {
    script(doubt(At.AFTER_COMMIT, "IBX-321"));
    assertThat(process()).isInstanceOf(Outcome.Duplicate.class);
    assertThat(handled).hasValue(1);
    assertThat(transactions).hasValue(2);
  }

  @Test
  void aSecondDoubtIsLeftToTheNextDelivery() {
    script(doubt(At.COMMIT, "IBX-321"), doubt(At.COMMIT, "IBX-321"));
    assertThat(reason(process())).isEqualTo(Reason.COMMIT_IN_DOUBT);
    assertThat(transactions).hasValue(2);
  }

  @ParameterizedTest
  @CsvSource({"CONNECT, 08006", "STATEMENT, 08006"})
  void whateverFollowsADoubtStaysInDoubt(At at, String state) {
    script(doubt(At.COMMIT, "IBX-321"), fault(at, state));
    assertThat(process()).isInstanceOf(Outcome.InFlight.class);
    assertThat(transactions).hasValue(2);
  }

  @Test
  void aHandlerThatFailsAfterADoubtIsCounted() {
    script(doubt(At.COMMIT, "IBX-321"), fault(At.COMMIT, "23514"));
    assertThat(reason(process())).isEqualTo(Reason.HANDLER_FAILED);
  }

  /** How often races are lost is seen nowhere else. */
  @Test
  void aListenerHearsOfEveryRunThatIsRepeated() {
    script(2, fault(At.COMMIT, "40001"));
    script(doubt(At.COMMIT, "IBX-321"));
    assertThat(process()).isInstanceOf(Outcome.Processed.class);
    assertThat(retries).extracting(RetryEvent::round).containsExactly(1, 2, 3);
    assertThat(retries)
        .extracting(RetryEvent::reason)
        .containsExactly(Reason.CONTENTION, Reason.CONTENTION, Reason.COMMIT_IN_DOUBT);
    assertThat(retries).allMatch(it -> it.cause().getMessage().contains("scripted"));
  }

  @Test
  void aCommitThatStandsHereIsNotAskedForAgain() {
    script(doubt(At.AFTER_COMMIT, "IBX-322"));
    assertThat(reason(process())).isEqualTo(Reason.COMMIT_IN_DOUBT);
    assertThat(transactions).hasValue(1);
  }

  @Test
  void aThreadThatIsToStopDoesNotWaitForAnotherRound() {
    script(fault(At.STATEMENT, "40001"));
    Thread.currentThread().interrupt();
    assertThat(reason(process())).isEqualTo(Reason.CONTENTION);
    assertThat(Thread.interrupted()).isTrue();
    script(doubt(At.COMMIT, "IBX-321"));
    Thread.currentThread().interrupt();
    assertThat(reason(process())).isEqualTo(Reason.COMMIT_IN_DOUBT);
    assertThat(Thread.interrupted()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"40001", "23505"})
  void countingAnAttemptRunsAgainAfterALostRace(String state) {
    script(none());
    script(ROUNDS_OF_ITS_OWN - 1, fault(At.STATEMENT, state));
    assertThat(((Outcome.Failed<Void>) fail()).attempt()).isEqualTo(1);
    assertThat(transactions).hasValue(1 + ROUNDS_OF_ITS_OWN);
  }

  @ParameterizedTest
  @CsvSource({"40001, 5", "08006, 1", "42000, 1"})
  void anAttemptThatCannotBeCountedIsNotAcknowledged(String state, int rounds) {
    script(none());
    script(rounds, fault(At.STATEMENT, state));
    Outcome.Failed<Void> failed = (Outcome.Failed<Void>) fail();
    assertThat(failed.attempt()).isZero();
    assertThat(failed.reason()).isEqualTo(Reason.HANDLER_FAILED);
    assertThat(failed.cause().getSuppressed()).hasSize(1);
    assertThat(transactions).hasValue(1 + rounds);
  }

  @Test
  void anInterruptWhileCountingIsKept() {
    script(none(), fault(At.STATEMENT, "40001"));
    Thread.currentThread().interrupt();
    assertThat(((Outcome.Failed<Void>) fail()).attempt()).isZero();
    assertThat(Thread.interrupted()).isTrue();
    script(none(), new Fault(At.COMMIT, new InterruptedException("scripted")));
    assertThat(((Outcome.Failed<Void>) fail()).attempt()).isZero();
    assertThat(Thread.interrupted()).isTrue();
  }

  /** Between the roll-back and the count another delivery gets through. */
  @Test
  void whatAnotherDeliveryHandledMeanwhileIsADuplicateAfterTheLastAttempt() {
    for (int attempt = 1; attempt < 3; attempt++) {
      assertThat(reason(fail())).isEqualTo(Reason.HANDLER_FAILED);
    }
    script(none(), after(this::process));
    assertThat(fail()).isInstanceOf(Outcome.Duplicate.class);
    assertThat(handled).hasValue(1);
    assertThat(inbox.deadLetters().list(DeadLetterQuery.first(1))).isEmpty();
  }

  /** Whoever holds it decides what becomes of it, and this attempt is not counted. */
  @Test
  void aKeyThatAnotherHoldsAfterTheLastAttemptIsLeftToIt() throws Exception {
    fail();
    fail();
    try (Connection holder = source.getConnection()) {
      holder.setAutoCommit(false);
      script(none(), after(() -> inbox.claim(holder, Message.of("a", new byte[0]))));
      assertThat(reason(fail())).isEqualTo(Reason.BUSY);
      holder.rollback();
    }
    assertThat(fail()).isInstanceOf(Outcome.DeadLettered.class);
    assertThat(inbox.deadLetters().list(DeadLetterQuery.first(2)))
        .singleElement()
        .satisfies(letter -> assertThat(letter.attempts()).isEqualTo(3));
  }

  private long backfill(int keys) {
    return inbox
        .backfill()
        .record(
            IntStream.range(0, keys)
                .mapToObj(i -> Handled.of("old-" + i, Instant.now()))
                .iterator());
  }

  @ParameterizedTest
  @CsvSource({"40001", "23505"})
  void workOfItsOwnRunsAgainAfterALostRace(String state) {
    script(ROUNDS_OF_ITS_OWN - 1, fault(At.STATEMENT, state));
    assertThat(backfill(3)).isEqualTo(3);
    assertThat(transactions).hasValue(ROUNDS_OF_ITS_OWN);
  }

  @ParameterizedTest
  @CsvSource({"40001, 5", "08006, 1"})
  void workOfItsOwnIsLeftForLater(String state, int rounds) {
    script(rounds, fault(At.STATEMENT, state));
    assertThatThrownBy(() -> backfill(3))
        .isInstanceOf(RetryLaterException.class)
        .hasMessageContaining("IBX-323");
    assertThat(transactions).hasValue(rounds);
  }

  @Test
  void anUnknownErrorInWorkOfItsOwnIsThrownAtOnce() {
    script(fault(At.STATEMENT, "22000"));
    assertThatThrownBy(() -> backfill(3)).isInstanceOf(DatabaseException.class);
    assertThat(transactions).hasValue(1);
  }

  @Test
  void keysThatMeetOthersInEveryRoundAreTakenOverInHalves() {
    script(ROUNDS_OF_ITS_OWN, fault(At.STATEMENT, "23505"));
    assertThat(backfill(5)).isEqualTo(5);
    assertThat(transactions).hasValue(ROUNDS_OF_ITS_OWN + 2);
    script(ROUNDS_OF_ITS_OWN, fault(At.STATEMENT, "23505"));
    assertThatThrownBy(() -> backfill(1)).isInstanceOf(RetryLaterException.class);
  }

  @Test
  void ofTwoKeysEachIsTakenOverByItselfBeforeItIsLeftForLater() {
    script(ROUNDS_OF_ITS_OWN, fault(At.STATEMENT, "23505"));
    assertThat(backfill(2)).isEqualTo(2);
    script(ROUNDS_OF_ITS_OWN, fault(At.STATEMENT, "23505"));
    script(none());
    script(ROUNDS_OF_ITS_OWN, fault(At.STATEMENT, "23505"));
    assertThatThrownBy(() -> backfill(2)).isInstanceOf(RetryLaterException.class);
    script(2 * ROUNDS_OF_ITS_OWN, fault(At.STATEMENT, "23505"));
    assertThatThrownBy(() -> backfill(2)).isInstanceOf(RetryLaterException.class);
  }

  /** Whose transaction it is must roll it back, and has to know whether to run all of it again. */
  @ParameterizedTest
  @CsvSource({
    "40001, IBX-325",
    "08006, IBX-325",
    "23505, IBX-325",
    "HYT00, IBX-325",
    "57014, IBX-325",
    "25P02, IBX-305",
    "22000, IBX-330"
  })
  void aClaimInACallersTransactionSaysWhatToDoAboutIt(String state, String code) throws Exception {
    SQLException error = new SQLException("scripted", state);
    try (Connection connection = source.getConnection()) {
      connection.setAutoCommit(false);
      for (Exception refusal : List.of(error, new DataAccessException("by jOOQ", error))) {
        refuseStatement(refusal);
        assertThatThrownBy(() -> inbox.claim(connection, Message.of("a", new byte[0])))
            .isInstanceOf(InboxException.class)
            .hasMessageContaining(code)
            .hasRootCause(error);
      }
      connection.rollback();
    }
  }

  @Test
  void aUnitOfWorkWhoseClaimFailedDoesNotCommitThoughTheErrorIsSwallowed() throws Exception {
    JdbcTransactions.on(source)
        .inTransaction(
            unit -> {
              assertThat(inbox.claim(unit, Message.of("a", new byte[0])))
                  .isInstanceOf(Claim.First.class);
              refuseStatement(new SQLException("scripted", "40001"));
              assertThatThrownBy(() -> inbox.claim(unit, Message.of("b", new byte[0])))
                  .isInstanceOf(RetryLaterException.class);
              return null;
            });
    assertThat(process()).isInstanceOf(Outcome.Processed.class);
  }
}
