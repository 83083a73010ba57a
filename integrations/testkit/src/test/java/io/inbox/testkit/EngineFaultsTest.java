package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.Backfill.Handled;
import io.inbox.DeadLetterQuery;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.RetryPolicy;
import io.inbox.error.CommitInDoubtException;
import io.inbox.error.DatabaseException;
import io.inbox.error.RetryLaterException;
import io.inbox.jdbc.JdbcTransactions;
import io.inbox.jdbc.PortableStore;
import io.inbox.spi.Store;
import io.inbox.spi.Transactions;
import io.inbox.testkit.fault.ForwardingStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the engine makes of each error at each step, and how often it tries: transactions and
 * statements that fail by a script, whatever the database.
 */
class EngineFaultsTest {
  private static final int ROUNDS_OF_A_DELIVERY = 6;
  private static final int ROUNDS_OF_ITS_OWN = 5;

  private final Deque<Fault> script = new ArrayDeque<>();
  private final AtomicInteger transactions = new AtomicInteger();
  private final AtomicInteger handled = new AtomicInteger();
  private final DataSource source = new H2Database(H2Database.inMemory("")).migrated();
  private final Store store = new Refusing(PortableStore.create());
  private final Inbox inbox =
      Inbox.builder("engine-faults", store, new Scripted(JdbcTransactions.on(source)))
          .retry(RetryPolicy.builder().maxAttempts(3).build())
          .build();

  EngineFaultsTest() {
    transactions.set(0);
  }

  @AfterEach
  void close() {
    inbox.close();
  }

  /** Where a transaction fails. */
  private enum At {
    CONNECT,
    STATEMENT,
    COMMIT,
    AFTER_COMMIT,
    AFTER_ANOTHER,
    NOWHERE
  }

  private record Fault(At at, Exception error) {}

  private static final class Refusing extends ForwardingStore {
    private Exception next;

    Refusing(Store store) {
      super(store);
    }

    @Override
    public void enter(Connection connection, String tenant) throws SQLException {
      if (next instanceof SQLException error) {
        next = null;
        throw error;
      }
      super.enter(connection, tenant);
    }
  }

  /** Each transaction takes the next line of the script. */
  private final class Scripted implements Transactions {
    private final Transactions real;

    Scripted(Transactions real) {
      this.real = real;
    }

    @Override
    public <T> T inTransaction(Work<T> work) throws Exception {
      transactions.incrementAndGet();
      Fault fault = script.isEmpty() ? new Fault(At.NOWHERE, null) : script.remove();
      if (fault.at() == At.CONNECT) {
        throw fault.error();
      }
      if (fault.at() == At.AFTER_ANOTHER) {
        CompletableFuture.runAsync(EngineFaultsTest.this::process).join();
      }
      ((Refusing) store).next = fault.at() == At.STATEMENT ? fault.error() : null;
      T value =
          real.inTransaction(
              unit -> {
                T result = work.run(unit);
                if (fault.at() == At.COMMIT) {
                  throw fault.error();
                }
                return result;
              });
      if (fault.at() == At.AFTER_COMMIT) {
        throw fault.error();
      }
      return value;
    }
  }

  private void script(Fault... faults) {
    script.addAll(Arrays.asList(faults));
  }

  private static Fault fault(At at, String state) {
    return new Fault(at, new SQLException("scripted", state));
  }

  private static Fault doubt(At at, String code) {
    return new Fault(at, new CommitInDoubtException(code, "scripted", new SQLException("lost")));
  }

  private static Fault none() {
    return new Fault(At.NOWHERE, null);
  }

  private Outcome<Void> process() {
    return inbox.process(Message.of("a", new byte[0]), tx -> handled.incrementAndGet());
  }

  private Outcome<Void> fail() {
    return inbox.process(
        Message.of("a", new byte[0]),
        tx -> {
          throw new IllegalStateException("refused");
        });
  }

  private static Reason reason(Outcome<Void> outcome) {
    return outcome instanceof Outcome.InFlight<Void> flying
        ? flying.reason()
        : ((Outcome.Failed<Void>) outcome).reason();
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
    for (int round = 1; round < ROUNDS_OF_A_DELIVERY; round++) {
      script(fault(at, state));
    }
    assertThat(process()).isInstanceOf(Outcome.Processed.class);
    assertThat(transactions.getAndSet(0)).isEqualTo(ROUNDS_OF_A_DELIVERY);
    script(Collections.nCopies(ROUNDS_OF_A_DELIVERY, fault(at, state)).toArray(Fault[]::new));
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
    for (int round = 1; round < ROUNDS_OF_ITS_OWN; round++) {
      script(fault(At.STATEMENT, state));
    }
    assertThat(((Outcome.Failed<Void>) fail()).attempt()).isEqualTo(1);
    assertThat(transactions).hasValue(1 + ROUNDS_OF_ITS_OWN);
  }

  @ParameterizedTest
  @CsvSource({"40001, 5", "08006, 1", "42000, 1"})
  void anAttemptThatCannotBeCountedIsNotAcknowledged(String state, int rounds) {
    script(none());
    script(Collections.nCopies(rounds, fault(At.STATEMENT, state)).toArray(Fault[]::new));
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
    script(none(), new Fault(At.AFTER_ANOTHER, null));
    assertThat(fail()).isInstanceOf(Outcome.Duplicate.class);
    assertThat(handled).hasValue(1);
    assertThat(inbox.deadLetters().list(DeadLetterQuery.first(1))).isEmpty();
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
    for (int round = 1; round < ROUNDS_OF_ITS_OWN; round++) {
      script(fault(At.STATEMENT, state));
    }
    assertThat(backfill(3)).isEqualTo(3);
    assertThat(transactions).hasValue(ROUNDS_OF_ITS_OWN);
  }

  @ParameterizedTest
  @CsvSource({"40001, 5", "08006, 1"})
  void workOfItsOwnIsLeftForLater(String state, int rounds) {
    script(Collections.nCopies(rounds, fault(At.STATEMENT, state)).toArray(Fault[]::new));
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
    script(
        Collections.nCopies(ROUNDS_OF_ITS_OWN, fault(At.STATEMENT, "23505")).toArray(Fault[]::new));
    assertThat(backfill(5)).isEqualTo(5);
    assertThat(transactions).hasValue(ROUNDS_OF_ITS_OWN + 2);
    script(
        Collections.nCopies(ROUNDS_OF_ITS_OWN, fault(At.STATEMENT, "23505")).toArray(Fault[]::new));
    assertThatThrownBy(() -> backfill(1)).isInstanceOf(RetryLaterException.class);
  }
}
