package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.Watermark;
import io.inbox.Watermark.Positioned;
import io.inbox.error.DatabaseException;
import io.inbox.error.RetryLaterException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the owner of a watermark makes of each error at each step. */
class WatermarkFaultsTest extends FaultTesting {
  private final Watermark mark = inbox.takeOver("orders", 0);

  WatermarkFaultsTest() {
    super(it -> it.wait(Duration.ofMillis(50)));
    transactions.set(0);
  }

  private List<Outcome<Void>> deliver(long... positions) {
    return mark.processBatch(
        LongStream.of(positions)
            .mapToObj(it -> new Positioned(it, Message.of("m" + it, new byte[0])))
            .toList(),
        (fresh, tx) -> handled.addAndGet(fresh.size()));
  }

  @Test
  void aCommitThatIsRefusedIsBlamedOnTheMessageThatStandsAlone() {
    script(fault(At.COMMIT, "23514"), fault(At.COMMIT, "23514"));
    List<Outcome<Void>> outcomes = deliver(1, 2);
    assertThat(Contract.kinds(outcomes)).containsExactly("Failed", "InFlight");
    assertThat(reason(outcomes.get(0))).isEqualTo(Reason.HANDLER_FAILED);
    assertThat(Contract.as(Outcome.Failed.class, outcomes.get(0)).attempt()).isEqualTo(1);
    assertThat(mark.position()).isEmpty();
    assertThat(Contract.kinds(deliver(1, 2))).containsExactly("Processed", "Processed");
    assertThat(mark.position()).hasValue(2);
  }

  @Test
  void aLostRaceRunsAgain() {
    script(ROUNDS_OF_A_DELIVERY - 1, fault(At.COMMIT, "40001"));
    assertThat(Contract.kinds(deliver(1, 2))).containsExactly("Processed", "Processed");
    assertThat(transactions).hasValue(ROUNDS_OF_A_DELIVERY);
    assertThat(mark.position()).hasValue(2);
  }

  @Test
  void anOutageIsNotHalvedAndNotCounted() {
    script(fault(At.COMMIT, "08006"));
    for (Outcome<Void> outcome : deliver(1, 2)) {
      assertThat(reason(outcome)).isEqualTo(Reason.DATABASE_UNAVAILABLE);
      assertThat(Contract.as(Outcome.Failed.class, outcome).attempt()).isZero();
    }
    assertThat(transactions).hasValue(1);
    assertThat(mark.position()).isEmpty();
  }

  @Test
  void aCommitInDoubtIsDecidedByMovingOnceMore() {
    script(doubt(At.AFTER_COMMIT, "IBX-321"));
    assertThat(deliver(1, 2)).hasSize(2).allMatch(Outcome::acknowledge);
    assertThat(handled).hasValue(2);
    assertThat(mark.position()).hasValue(2);
    assertThat(mark.fenced()).isFalse();
  }

  /**
   * What was rolled back is no position: its owner must not take itself for fenced because of it.
   */
  @Test
  void whatARunMovedThatWasRolledBackIsForgotten() throws Exception {
    try (Connection holder = source.getConnection()) {
      holder.setAutoCommit(false);
      script(fault(At.COMMIT, "40001"), after(() -> lockRow(holder)));
      assertThat(deliver(1, 2)).hasSize(2).allMatch(it -> reason(it).equals(Reason.BUSY));
      holder.rollback();
    }
    assertThat(mark.position()).isEmpty();
    assertThat(Contract.kinds(deliver(1, 2))).containsExactly("Processed", "Processed");
  }

  private static void lockRow(Connection connection) {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate("UPDATE \"inbox\".\"watermark\" SET \"epoch\" = \"epoch\"");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @CsvSource({"40001", "23505"})
  void aTakeOverRunsAgainAfterALostRace(String state) {
    script(ROUNDS_OF_ITS_OWN - 1, fault(At.STATEMENT, state));
    assertThat(inbox.takeOver("orders", 0).epoch()).isEqualTo(mark.epoch() + 1);
    assertThat(transactions).hasValue(ROUNDS_OF_ITS_OWN);
  }

  @Test
  void aTakeOverThatFailsSaysWhatToDo() {
    script(fault(At.STATEMENT, "08006"));
    assertThatThrownBy(() -> inbox.takeOver("orders", 0))
        .isInstanceOf(RetryLaterException.class)
        .hasMessageContaining("IBX-323");
    script(fault(At.STATEMENT, "22000"));
    assertThatThrownBy(() -> inbox.takeOver("orders", 0)).isInstanceOf(DatabaseException.class);
  }
}
