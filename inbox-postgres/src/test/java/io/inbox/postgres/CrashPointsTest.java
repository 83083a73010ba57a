package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.Message;
import io.inbox.jdbc.PortableStore;
import io.inbox.migrations.InboxMigrations;
import io.inbox.spi.Store;
import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.crash.CrashConsumer;
import io.inbox.testkit.crash.CrashDatabase;
import io.inbox.testkit.crash.CrashPoints;
import io.inbox.testkit.crash.CrashReport;
import io.inbox.testkit.crash.CrashReport.Cell;
import io.inbox.testkit.crash.CrashWay;
import io.inbox.testkit.fault.FaultPoint;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A right handler holds wherever it is broken, a wrong one is caught where it must be. */
@Timeout(300)
class CrashPointsTest {
  private static final Map<Place, String> URLS = new EnumMap<>(Place.class);

  /** Where payments are booked. */
  enum Place {
    POSTGRES,
    H2;

    /** The URL of a database with all tables; it is one for all tests. */
    synchronized String url() throws SQLException {
      String known = URLS.get(this);
      if (known != null) {
        return known;
      }
      PostgresServer server = PostgresServer.shared(PostgresServer.NEWEST);
      String url =
          this == H2
              ? "jdbc:h2:./target/h2/crash-" + UUID.randomUUID() + ";WRITE_DELAY=0"
              : server.url(server.newDatabase());
      InboxMigrations.on(
              new com.zaxxer.hikari.util.DriverDataSource(
                  url, null, new java.util.Properties(), null, null))
          .migrate();
      try (Connection connection = DriverManager.getConnection(url);
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE TABLE applied (message_id varchar(200) NOT NULL)");
        statement.execute("CREATE TABLE account (amount bigint NOT NULL)");
      }
      URLS.put(this, url);
      return url;
    }
  }

  private static CrashPoints points(Place place, Supplier<? extends CrashConsumer> consumer)
      throws SQLException {
    return prepared(CrashPoints.of(CrashDatabase.at(place.url()), consumer));
  }

  private static CrashPoints prepared(CrashPoints points) {
    return points
        .prepare(
            connection -> {
              try (Statement statement = connection.createStatement()) {
                statement.execute("DELETE FROM applied");
                statement.execute("DELETE FROM account");
                statement.execute("INSERT INTO account (amount) VALUES (0)");
              }
              Files.deleteIfExists(CrashingPayments.EXTERNAL);
            })
        .invariant(
            connection -> {
              assertThat(number(connection, "SELECT COUNT(*) FROM applied")).isEqualTo(1);
              assertThat(number(connection, "SELECT amount FROM account")).isEqualTo(1);
              if (Files.exists(CrashingPayments.EXTERNAL)) {
                assertThat(Files.readAllLines(CrashingPayments.EXTERNAL)).hasSize(1);
              }
            });
  }

  private static long number(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  /** The points at which a way broke the invariant, as the report names them. */
  private static Set<String> broken(CrashReport report, CrashWay way) {
    return places(report.broken(), way);
  }

  private static Set<String> places(List<Cell> cells, CrashWay way) {
    return cells.stream()
        .filter(cell -> cell.way() == way)
        .map(Cell::place)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @ParameterizedTest
  @EnumSource
  void aRightHandlerHoldsEverywhere(Place place) throws Exception {
    CrashReport report = points(place, CrashingPayments.Right::new).verify();

    assertThat(report.notes()).isEmpty();
    assertThat(places(report.cells(), CrashWay.THREAD_DIES))
        .containsExactlyInAnyOrder(
            "P0_RECEIVED",
            "P1_CONNECTED",
            "P2_BEGUN",
            "P3_CLAIMING",
            "P4_CLAIMED",
            "P5_HANDLING#1",
            "P5_HANDLING#2",
            "P6_FLUSHING",
            "P7_GUARDING",
            "P8_COMMITTING",
            "P9_COMMITTED",
            "P10_DECIDED",
            "P11_ACKNOWLEDGED");
    assertThat(places(report.cells(), CrashWay.PROCESS_KILLED))
        .isEqualTo(places(report.cells(), CrashWay.THREAD_DIES));
    assertThat(places(report.cells(), CrashWay.SESSION_ENDED)).hasSize(10);
    if (place == Place.POSTGRES) {
      assertThat(report.notPossible()).isEmpty();
      assertThat(places(report.cells(), CrashWay.REQUEST_LOST)).hasSize(9);
      assertThat(places(report.cells(), CrashWay.ANSWER_LOST)).hasSize(9);
    } else {
      assertThat(report.notPossible())
          .containsExactly(
              "REQUEST_LOST: the proxy speaks the protocol of PostgreSQL only",
              "ANSWER_LOST: the proxy speaks the protocol of PostgreSQL only");
    }
  }

  /** What happened is what should: a fault that never struck would leave it Processed at once. */
  @ParameterizedTest
  @EnumSource
  void eachFaultIsSeenInTheOutcomes(Place place) throws Exception {
    CrashReport report =
        points(place, CrashingPayments.Right::new)
            .ways(CrashWay.THREAD_DIES, CrashWay.SESSION_ENDED)
            .verify();

    assertThat(report.cells())
        .filteredOn(cell -> cell.way() == CrashWay.THREAD_DIES)
        .filteredOn(cell -> cell.point() != FaultPoint.P11_ACKNOWLEDGED)
        .allSatisfy(
            cell -> {
              String then =
                  cell.point().compareTo(FaultPoint.P9_COMMITTED) < 0 ? "Processed" : "Duplicate";
              assertThat(cell.outcomes()).last().isEqualTo(then);
              assertThat(cell.outcomes().toString()).contains("the thread dies at " + cell.point());
            });
    assertThat(report.cells())
        .filteredOn(cell -> cell.way() == CrashWay.SESSION_ENDED)
        .filteredOn(cell -> cell.point() == FaultPoint.P5_HANDLING)
        .isNotEmpty()
        .allSatisfy(cell -> assertThat(cell.outcomes()).hasSizeGreaterThan(1));
  }

  @ParameterizedTest
  @EnumSource
  void anOwnConnectionIsCaughtFromItsWriteToTheCommit(Place place) throws Exception {
    CrashReport report =
        points(place, CrashingPayments.OwnConnection::new).ways(CrashWay.THREAD_DIES).run();

    assertThat(broken(report, CrashWay.THREAD_DIES))
        .containsExactlyInAnyOrder(
            "P5_HANDLING#1", "P5_HANDLING#2", "P7_GUARDING", "P8_COMMITTING");
    assertThat(report.toString()).contains("the handler took a connection of its own");
    assertThatThrownBy(
            () ->
                points(place, CrashingPayments.OwnConnection::new)
                    .ways(CrashWay.THREAD_DIES)
                    .verify())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("P8_COMMITTING THREAD_DIES");
  }

  @ParameterizedTest
  @EnumSource
  void anOwnTransactionIsCaughtFromItsCommitOn(Place place) throws Exception {
    CrashReport report =
        points(place, CrashingPayments.OwnTransaction::new).ways(CrashWay.THREAD_DIES).run();

    assertThat(broken(report, CrashWay.THREAD_DIES))
        .containsExactlyInAnyOrder("P9_COMMITTED", "P7_GUARDING", "P8_COMMITTING#2");
    assertThat(report.toString()).contains("the handler took a connection of its own");
  }

  @ParameterizedTest
  @EnumSource
  void aCallElsewhereIsCaughtInEachWay(Place place) throws Exception {
    CrashReport report =
        points(place, CrashingPayments.Calling::new)
            .ways(CrashWay.THREAD_DIES, CrashWay.PROCESS_KILLED, CrashWay.SESSION_ENDED)
            .run();

    Set<String> afterTheCall = Set.of("P5_HANDLING#2", "P7_GUARDING", "P8_COMMITTING");
    assertThat(broken(report, CrashWay.THREAD_DIES)).isEqualTo(afterTheCall);
    assertThat(broken(report, CrashWay.PROCESS_KILLED)).isEqualTo(afterTheCall);
    // The call comes after the first statement, on a session that is gone by then.
    assertThat(broken(report, CrashWay.SESSION_ENDED)).containsAll(afterTheCall);
    assertThat(report.toString()).contains("an external call");
  }

  @ParameterizedTest
  @EnumSource
  void whatIsRememberedIsCaughtWhereTheProcessLivesOn(Place place) throws Exception {
    CrashReport report =
        points(place, CrashingPayments.Remembering::new)
            .ways(CrashWay.THREAD_DIES, CrashWay.PROCESS_KILLED)
            .run();

    assertThat(broken(report, CrashWay.THREAD_DIES))
        .containsExactlyInAnyOrder(
            "P5_HANDLING#1", "P5_HANDLING#2", "P7_GUARDING", "P8_COMMITTING");
    assertThat(broken(report, CrashWay.PROCESS_KILLED)).isEmpty();
    assertThat(report.toString()).contains("it holds where the process is killed at this point");
  }

  @ParameterizedTest
  @EnumSource
  void whatOnlyTheMemoryKnowsIsCaughtWhereTheProcessIsKilled(Place place) throws Exception {
    CrashReport report =
        points(place, CrashingPayments.CallingWithToken::new)
            .ways(CrashWay.THREAD_DIES, CrashWay.PROCESS_KILLED)
            .run();

    assertThat(broken(report, CrashWay.THREAD_DIES)).isEmpty();
    assertThat(broken(report, CrashWay.PROCESS_KILLED))
        .containsExactlyInAnyOrder("P5_HANDLING#2", "P7_GUARDING", "P8_COMMITTING");
    assertThat(report.toString()).contains("it holds where only the thread dies at this point");
  }

  @ParameterizedTest
  @EnumSource
  void whatIsLeftForAfterTheCommitIsCaughtAtTheCommit(Place place) throws Exception {
    CrashReport report =
        points(place, CrashingPayments.AfterCommit::new)
            .ways(CrashWay.THREAD_DIES, CrashWay.PROCESS_KILLED)
            .run();

    assertThat(broken(report, CrashWay.PROCESS_KILLED)).contains("P9_COMMITTED");
    assertThat(broken(report, CrashWay.THREAD_DIES)).contains("P9_COMMITTED");
    assertThat(report.toString()).contains("afterCommit");
  }

  @ParameterizedTest
  @EnumSource
  void whatSwallowsErrorsIsCaughtBetweenItsStatements(Place place) throws Exception {
    CrashReport report =
        points(place, CrashingPayments.Swallowing::new).ways(CrashWay.THREAD_DIES).run();

    assertThat(broken(report, CrashWay.THREAD_DIES)).containsExactly("P5_HANDLING#1");
  }

  @Test
  void aCaseThatDoesNotEndEndsTheRunAndIsSaid() throws Exception {
    CrashReport report =
        points(Place.POSTGRES, CrashingPayments.Waiting::new)
            .ways(CrashWay.THREAD_DIES)
            .limit(Duration.ofSeconds(3))
            .run();

    assertThat(report.broken())
        .singleElement()
        .satisfies(cell -> assertThat(cell.violation()).contains("did not end within 3 s"));
    assertThat(report.notPossible().toString()).contains("cases: the one before them did not end");
  }

  @ParameterizedTest
  @EnumSource
  void aHandlerOfOneLineIsBrokenInThisProcess(Place place) throws Exception {
    Store store = place == Place.H2 ? PortableStore.create() : PostgresStore.create();
    List<Message> messages = List.of(Message.of("a", null), Message.of("b", null));
    CrashReport report =
        CrashPoints.of(
                CrashDatabase.at(place.url()),
                store,
                messages,
                (message, tx) -> CrashingPayments.apply(tx.connection(), message))
            .prepare(DELETE)
            .invariant(TWO)
            .verify();

    assertThat(places(report.cells(), CrashWay.THREAD_DIES))
        .contains("P4_CLAIMED", "P4_CLAIMED#2", "P5_HANDLING#2", "P9_COMMITTED#2");
    assertThat(report.notPossible())
        .contains(
            "PROCESS_KILLED: another process cannot make this handler (give it a class of its own:"
                + " CrashConsumer)",
            "P6_FLUSHING: the delivery does not pass it, nothing is appended to the outbox");
  }

  @ParameterizedTest
  @EnumSource
  void aBatchIsBrokenAsOne(Place place) throws Exception {
    Store store = place == Place.H2 ? PortableStore.create() : PostgresStore.create();
    CrashReport report =
        CrashPoints.ofBatch(
                CrashDatabase.at(place.url()),
                store,
                List.of(Message.of("a", null), Message.of("b", null)),
                (fresh, tx) -> {
                  for (Message message : fresh) {
                    CrashingPayments.apply(tx.connection(), message);
                  }
                })
            .prepare(DELETE)
            .invariant(TWO)
            .verify();

    assertThat(places(report.cells(), CrashWay.THREAD_DIES))
        .contains("P4_CLAIMED", "P5_HANDLING#1", "P5_HANDLING#2", "P9_COMMITTED")
        .doesNotContain("P4_CLAIMED#2");
  }

  private static final CrashPoints.Work DELETE =
      connection -> {
        try (Statement statement = connection.createStatement()) {
          statement.execute("DELETE FROM applied");
        }
      };

  private static final CrashPoints.Work TWO =
      connection ->
          assertThat(number(connection, "SELECT COUNT(DISTINCT message_id) FROM applied"))
              .isEqualTo(number(connection, "SELECT COUNT(*) FROM applied"))
              .isEqualTo(2);

  @Test
  void whatIsNotPossibleIsSaidAndAnErrorWhereItWasAskedFor() throws Exception {
    CrashDatabase source =
        CrashDatabase.of(
            PostgresServer.shared(PostgresServer.NEWEST)
                .connections(Place.POSTGRES.url().replaceFirst(".*/(\\w+)\\?.*", "$1")));
    CrashPoints points = prepared(CrashPoints.of(source, CrashingPayments.Right::new));

    CrashReport report = points.verify();
    assertThat(report.cells())
        .extracting(Cell::way)
        .hasSameElementsAs(EnumSet.of(CrashWay.THREAD_DIES, CrashWay.SESSION_ENDED));
    assertThat(report.notPossible())
        .hasSize(3)
        .allSatisfy(it -> assertThat(it).contains("(use CrashDatabase.at with the URL)"));
    assertThatThrownBy(() -> points.ways(CrashWay.ANSWER_LOST).run())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("ANSWER_LOST is not possible: ");
  }

  @Test
  void whatCannotBeRunIsRefused() throws Exception {
    CrashDatabase database = CrashDatabase.at(Place.POSTGRES.url());
    assertThatThrownBy(() -> CrashPoints.of(database, CrashingPayments.Right::new).run())
        .hasMessageContaining("no invariant is set");
    assertThatThrownBy(
            () ->
                points(Place.POSTGRES, CrashingPayments.Right::new)
                    .invariant(connection -> assertThat(1).isEqualTo(2))
                    .run())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("The invariant does not hold without a fault: ");
    assertThatThrownBy(() -> points(Place.POSTGRES, CrashingPayments.Forgetful::new).run())
        .hasMessageContaining("messages() returns other ids each time");
    assertThatThrownBy(
            () ->
                CrashPoints.of(
                        database,
                        PostgresStore.create(),
                        List.of(Message.of("m", null)),
                        (message, tx) -> {
                          throw new IllegalStateException("always");
                        })
                    .invariant(connection -> {})
                    .run())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not handled even without a fault")
        .hasMessageContaining("always");
  }

  @Test
  void anInvariantThatSeesNothingIsSaid() throws Exception {
    CrashReport report =
        points(Place.POSTGRES, CrashingPayments.Right::new)
            .invariant(connection -> {})
            .ways(CrashWay.THREAD_DIES)
            .run();

    assertThat(report.notes())
        .singleElement()
        .asString()
        .contains("does not see a message that is lost");
  }
}
