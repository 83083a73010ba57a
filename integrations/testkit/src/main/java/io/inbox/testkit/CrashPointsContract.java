package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.outbox.OutboxMessage;
import io.inbox.testkit.crash.CrashCourse;
import io.inbox.testkit.crash.CrashPoints;
import io.inbox.testkit.crash.CrashPoints.MessageHandler;
import io.inbox.testkit.crash.CrashReport;
import io.inbox.testkit.crash.CrashWay;
import io.inbox.testkit.fault.FaultPoint;
import java.sql.Connection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Handlers failed at every point: a right one passes, each wrong one is caught where it is wrong.
 */
abstract class CrashPointsContract extends Contract {
  /**
   * What a handler that did something outside, before its first statement, is caught at. That the
   * connection broke after the claim is noticed before the handler runs.
   */
  private static final Set<String> ROLLED_BACK =
      Set.of(
          "P5_HANDLING after 0 statements, THREAD_DIES",
          "P5_HANDLING after 1 statement, THREAD_DIES",
          "P5_HANDLING after 2 statements, THREAD_DIES",
          "P7_GUARDING, THREAD_DIES",
          "P8_COMMITTING, THREAD_DIES",
          "P5_HANDLING after 0 statements, CONNECTION_BREAKS",
          "P5_HANDLING after 1 statement, CONNECTION_BREAKS",
          "P5_HANDLING after 2 statements, CONNECTION_BREAKS",
          "P7_GUARDING, CONNECTION_BREAKS",
          "P8_COMMITTING, COMMIT_NOT_ARRIVED");

  private static final Set<String> ROLLED_BACK_BY_THE_SERVER =
      Set.of(
          "P4_CLAIMED, SESSION_TERMINATED",
          "P5_HANDLING after 0 statements, SESSION_TERMINATED",
          "P5_HANDLING after 1 statement, SESSION_TERMINATED",
          "P5_HANDLING after 2 statements, SESSION_TERMINATED",
          "P7_GUARDING, SESSION_TERMINATED",
          "P8_COMMITTING, SESSION_TERMINATED");

  private CrashPoints kit(MessageHandler handler) {
    return CrashPoints.on(pool, database().store())
        .consumer(consumer)
        .transactions(database()::transactions)
        .inbox(it -> database().options(it).allowReducedDurability())
        .message(Contract::message)
        .handler(handler)
        .invariant((connection, message) -> appliedOnce(message.id()));
  }

  private void appliedOnce(String id) {
    assertThat(Collections.frequency(books.applied(), id)).as("rows of %s", id).isEqualTo(1);
  }

  private static Set<String> caught(CrashReport report) {
    return report.failures().stream()
        .map(course -> course.place().orElseThrow() + ", " + course.way().orElseThrow())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static boolean terminates(CrashReport report) {
    return report.courses().stream()
        .anyMatch(it -> it.way().equals(Optional.of(CrashWay.SESSION_TERMINATED)));
  }

  private static void caughtWhereRolledBack(CrashReport report) {
    Set<String> expected = new TreeSet<>(ROLLED_BACK);
    if (terminates(report)) {
      expected.addAll(ROLLED_BACK_BY_THE_SERVER);
    }
    assertThat(caught(report)).as(report.toString()).isEqualTo(expected);
    assertThatThrownBy(report::check).isInstanceOf(AssertionError.class);
    assertThat(report.toString()).contains(expected);
  }

  @Test
  void aRightHandlerPassesAtEveryPoint() {
    CrashReport report =
        kit((message, tx) -> {
              books.apply(tx.connection(), message.id(), 1);
              tx.outbox().append(OutboxMessage.of("topic", "key", message.payload()));
            })
            .run()
            .check();

    int statements = 2;
    int byDeath = 10 + 1 + statements;
    int byBreaking = 6 + 1 + statements;
    int byServer = terminates(report) ? 8 + 1 + statements : 0;
    int atCommitAndAfter = 3;
    assertThat(report.courses())
        .as(report.courses().toString())
        .hasSize(1 + byDeath + byBreaking + byServer + atCommitAndAfter);
    assertThat(report.notRun()).allMatch(it -> it.way() == CrashWay.SESSION_TERMINATED);
    assertThat(report.notRun()).hasSize(terminates(report) ? 0 : 1);
    assertThat(books.applied()).hasSameSizeAs(report.courses()).doesNotHaveDuplicates();
    assertThat(rows("message")).isEqualTo(report.courses().size());
  }

  @Test
  void eachFaultIsReal() {
    CrashReport report = kit((message, tx) -> books.apply(tx.connection(), message.id(), 1)).run();

    assertThat(report.courses()).filteredOn(it -> it.way().isPresent()).allSatisfy(it -> real(it));
    assertThat(report.notRun())
        .extracting(Object::toString)
        .contains("P6_FLUSHING, THREAD_DIES: the handler appended nothing to the outbox");
  }

  private static void real(CrashCourse course) {
    List<String> deliveries = course.deliveries();
    int runs = course.handlerRuns();
    switch (course.way().orElseThrow()) {
      case THREAD_DIES -> assertThat(deliveries).hasSize(2);
      case CONNECTION_BREAKS ->
          assertThat(deliveries).hasSize(2).first().asString().contains("DATABASE_UNAVAILABLE");
      case SESSION_TERMINATED -> {
        if (course.place().orElseThrow().point() == FaultPoint.P9_COMMITTED) {
          assertThat(deliveries).containsExactly("Processed");
        } else {
          assertThat(deliveries.size() + runs).as("it went on, or again").isGreaterThan(2);
        }
      }
      case COMMIT_NOT_ARRIVED -> assertThat(runs).isEqualTo(2);
      case COMMIT_ANSWER_LOST -> {
        assertThat(runs).isEqualTo(1);
        assertThat(deliveries).last().isEqualTo("Duplicate");
      }
      case ACKNOWLEDGEMENT_LOST -> assertThat(deliveries).containsExactly("Processed", "Duplicate");
    }
  }

  @Test
  void aWriteInAutocommitIsCaught() {
    caughtWhereRolledBack(
        kit((message, tx) -> {
              try (Connection another = pool.getConnection()) {
                books.note(another, message.id());
              }
              books.apply(tx.connection(), "in the transaction", 1);
            })
            .run());
  }

  @Test
  void aTransactionOnAnotherConnectionIsCaught() {
    caughtWhereRolledBack(
        kit((message, tx) -> {
              committed(
                  another -> {
                    books.note(another, message.id());
                    return null;
                  });
              books.apply(tx.connection(), "in the transaction", 1);
            })
            .run());
  }

  @Test
  void memoryThatOutlivesARollbackIsCaught() {
    Set<String> seen = new HashSet<>();
    caughtWhereRolledBack(
        kit((message, tx) -> {
              if (seen.add(message.id())) {
                books.apply(tx.connection(), message.id(), 1);
              }
            })
            .run());
  }

  @Test
  void memoryIsLostWithItsProcess() {
    CrashReport report =
        kit((message, tx) -> {})
            .handlers(
                () -> {
                  Set<String> seen = new HashSet<>();
                  return (message, tx) -> {
                    if (seen.add(message.id())) {
                      books.apply(tx.connection(), message.id(), 1);
                    }
                  };
                })
            .run();

    assertThat(caught(report))
        .as(report.toString())
        .isNotEmpty()
        .noneMatch(it -> it.endsWith("THREAD_DIES"));
  }

  @Test
  void aCallBeforeTheCommitIsCaughtAsMoreThanOnce() {
    Map<String, Integer> calls = new HashMap<>();
    CrashReport report =
        kit((message, tx) -> {
              calls.merge(message.id(), 1, Integer::sum);
              books.apply(tx.connection(), message.id(), 1);
            })
            .invariant((connection, message) -> assertThat(calls).containsEntry(message.id(), 1))
            .run();

    caughtWhereRolledBack(report);
    assertThat(report.failures()).allMatch(it -> calls.get(it.messageId()) > 1);
    assertThat(report.failures()).allMatch(it -> it.handlerRuns() == calls.get(it.messageId()));
  }

  @Test
  void aHandlerThatFailsByItselfEndsTheRun() {
    CrashReport report =
        kit((message, tx) -> {
              throw new IllegalStateException("no such account");
            })
            .run();

    assertThat(report.courses()).hasSize(1);
    assertThat(report.toString())
        .contains("without a fault: it was not acknowledged", "no such account");
  }

  @Test
  void anInvariantThatNeverHoldsEndsTheRun() {
    CrashReport report = kit((message, tx) -> {}).run();

    assertThat(report.failures()).hasSize(1);
    assertThat(report.courses()).hasSize(1);
  }

  @Test
  void aMessageThatIsNeverAcknowledgedIsCaught() {
    Set<String> failed = new HashSet<>();
    CrashReport report =
        kit((message, tx) -> {
              if (failed.contains(message.id())) {
                throw new IllegalStateException("seen before");
              }
              books.apply(tx.connection(), message.id(), 1);
              failed.add(message.id());
            })
            .maxDeliveries(3)
            .run();

    assertThat(report.failures())
        .isNotEmpty()
        .allMatch(it -> it.problem().orElseThrow().contains("not acknowledged after 3 deliveries"));
  }

  @Test
  void statementsBeyondTheBoundAreReported() {
    CrashReport report =
        kit((message, tx) -> {
              books.apply(tx.connection(), message.id(), 1);
              books.apply(tx.connection(), "more", 1);
            })
            .maxStatements(1)
            .run()
            .check();

    assertThat(report.notRun())
        .extracting(Object::toString)
        .anyMatch(
            it -> it.startsWith("P5_HANDLING after 1 statement, THREAD_DIES: and further on"));
    assertThat(report.courses())
        .extracting(CrashCourse::toString)
        .anyMatch(it -> it.startsWith("P5_HANDLING after 4 statements, CONNECTION_BREAKS"));
  }

  @Test
  void nothingToRunIsRefused() {
    CrashPoints empty = CrashPoints.on(pool, database().store());
    assertThatThrownBy(empty::run)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("both the handler and the invariant");
    assertThatThrownBy(() -> empty.maxDeliveries(1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> kit((m, tx) -> {}).message(id -> message("other")).run())
        .hasMessageContaining("must have the one it was given");
    assertThat(List.of(CrashWay.values())).allMatch(it -> !it.points().isEmpty());
  }
}
