package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.error.DatabaseException;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a batch makes of each error at each step, and when it is halved. */
class BatchFaultsTest extends FaultTesting {
  BatchFaultsTest() {
    super(it -> it.wait(Duration.ofMillis(50)));
  }

  private static Message message(String id) {
    return Message.of(id, new byte[0]);
  }

  private List<Outcome<Void>> deliver(String... ids) {
    return inbox.processBatch(
        Stream.of(ids).map(BatchFaultsTest::message).toList(),
        (fresh, tx) -> handled.addAndGet(fresh.size()));
  }

  @Test
  void aCommitThatIsRefusedIsBlamedOnTheMessageThatStandsAlone() {
    script(fault(At.COMMIT, "23514"), fault(At.COMMIT, "23514"));
    List<Outcome<Void>> outcomes = deliver("a", "b", "c");
    assertThat(Contract.kinds(outcomes)).containsExactly("Failed", "Processed", "Processed");
    assertThat(reason(outcomes.get(0))).isEqualTo(Reason.HANDLER_FAILED);
    assertThat(Contract.as(Outcome.Failed.class, outcomes.get(0)).attempt()).isEqualTo(1);
  }

  @Test
  void aBatchThatLosesEveryRaceIsHalved() {
    script(ROUNDS_OF_A_DELIVERY, fault(At.COMMIT, "40001"));
    assertThat(Contract.kinds(deliver("a", "b"))).containsExactly("Processed", "Processed");
    assertThat(transactions).hasValue(ROUNDS_OF_A_DELIVERY + 2);
  }

  /** Halving would ask a database that is not there once for each message. */
  @ParameterizedTest
  @CsvSource({"CONNECT, 08006", "STATEMENT, 08006", "COMMIT, 08006"})
  void anOutageIsNotHalvedAndNotCounted(At at, String state) {
    script(fault(at, state));
    for (Outcome<Void> outcome : deliver("a", "b")) {
      assertThat(reason(outcome)).isEqualTo(Reason.DATABASE_UNAVAILABLE);
      assertThat(Contract.as(Outcome.Failed.class, outcome).attempt()).isZero();
    }
    assertThat(transactions).hasValue(1);
  }

  @Test
  void anUnknownErrorOfItsOwnStatementIsThrown() {
    script(fault(At.STATEMENT, "22000"));
    assertThatThrownBy(() -> deliver("a", "b")).isInstanceOf(DatabaseException.class);
    assertThat(transactions).hasValue(1);
    assertThat(Contract.kinds(deliver("a", "b"))).containsExactly("Processed", "Processed");
  }

  @Test
  void aBatchInDoubtIsDecidedByClaimingOnceMore() {
    script(doubt(At.AFTER_COMMIT, "IBX-321"));
    assertThat(Contract.kinds(deliver("a", "b"))).containsExactly("Duplicate", "Duplicate");
    assertThat(handled).hasValue(2);
    assertThat(transactions).hasValue(2);
  }

  /** It is the lost run that holds them, all of them: each half would wait for it again. */
  @Test
  void aBatchInDoubtWhoseKeysAreHeldIsNotHalved() throws Exception {
    try (Connection holder = source.getConnection()) {
      holder.setAutoCommit(false);
      script(doubt(At.COMMIT, "IBX-321"), after(() -> inbox.claim(holder, message("a"))));
      assertThat(deliver("a", "b", "c"))
          .hasSize(3)
          .allMatch(it -> reason(it).equals(Reason.COMMIT_IN_DOUBT));
      assertThat(transactions).hasValue(2);
      holder.rollback();
    }
  }
}
