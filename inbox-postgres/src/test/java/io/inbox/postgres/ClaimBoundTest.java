package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Buckets;
import io.inbox.Message;
import io.inbox.MessageKey;
import io.inbox.migrations.InboxMigrations;
import io.inbox.spi.ClaimAnswer;
import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.ClaimRequest;
import io.inbox.spi.Claims;
import io.inbox.spi.Tables;
import io.inbox.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bound on the wait belongs to the claim alone, whatever the claim finds. */
class ClaimBoundTest {
  private static final Duration WAIT = Duration.ofMillis(150);
  private static final Instant LONG_AGO = Instant.parse("2001-01-01T00:00:00Z");

  private final Claims claims =
      new UnnestClaims(
          Tables.ofDefaults(),
          new ClaimPolicy("payments", Duration.ofDays(14), Duration.ofDays(1), WAIT));

  @ParameterizedTest
  @ValueSource(ints = {PostgresServer.NEWEST, PostgresServer.OLDEST})
  void isPutBackAfterEveryAnswerOfASingleClaim(int version) throws SQLException {
    withConnections(
        version,
        (one, other) -> {
          // Often enough that the server goes over to its generic plan.
          for (int i = 0; i < 12; i++) {
            assertBoundPutBack(one, message("first-" + i, null), ClaimAnswer.Won.class);
            assertBoundPutBack(one, message("timed-" + i, Instant.now()), ClaimAnswer.Won.class);
            assertBoundPutBack(one, message("first-" + i, null), ClaimAnswer.Lost.class);
            assertBoundPutBack(one, message("timed-" + i, Instant.now()), ClaimAnswer.Lost.class);
            assertBoundPutBack(one, message("old-" + i, LONG_AGO), ClaimAnswer.Outside.class);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {PostgresServer.NEWEST, PostgresServer.OLDEST})
  void isPutBackAfterABatchThatWonAllSomeOrNone(int version) throws SQLException {
    withConnections(
        version,
        (one, other) -> {
          for (int i = 0; i < 12; i++) {
            for (Instant time : new Instant[] {null, Instant.now()}) {
              assertBoundPutBack(one, claims, "ids-" + (time == null) + i, time, "bank");
              assertBoundPutBack(one, claims, "sources-" + (time == null) + i, time, "other");
            }
          }
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void isPutBackAfterABatchInBuckets(boolean moving) throws SQLException {
    Buckets buckets = moving ? Buckets.byMessageTime().moving() : Buckets.byMessageTime();
    Claims bucketed =
        new UnnestClaims(
            Tables.ofDefaults(),
            new ClaimPolicy("payments", Duration.ofDays(14), Duration.ofDays(1), WAIT, buckets));
    PaymentsDatabase database = PaymentsDatabase.on(PostgresServer.shared(PostgresServer.NEWEST));
    database.execute(BucketedDatabase.script("time-buckets.sql"));
    try (HikariDataSource pool = database.pool(2)) {
      PaymentsDatabase.inbox("payments", pool).buckets(buckets).build().close();
      try (Connection one = pool.getConnection()) {
        one.setAutoCommit(false);
        for (int i = 0; i < 12; i++) {
          assertBoundPutBack(one, bucketed, "bucket-" + i, Instant.now(), "other");
        }
        one.rollback();
      }
    }
  }

  /** With a source of their own for some, or one for all, which go as other statements. */
  private static void assertBoundPutBack(
      Connection one, Claims claims, String prefix, Instant time, String source)
      throws SQLException {
    setTimeout(one, "7s");
    List<ClaimRequest> few = batch(prefix, 0, 3, time, source);
    List<ClaimRequest> more = batch(prefix, 0, 6, time, source);
    assertThat(claims.claimAll(one, few)).containsOnly(ClaimAnswer.WON);
    assertThat(timeout(one)).isEqualTo("7s");
    List<ClaimAnswer> answers = claims.claimAll(one, more);
    assertThat(answers).filteredOn(ClaimAnswer.WON::equals).hasSize(3);
    assertThat(answers).filteredOn(ClaimAnswer.Lost.class::isInstance).hasSize(3);
    assertThat(timeout(one)).isEqualTo("7s");
    assertThat(claims.claimAll(one, more))
        .allSatisfy(answer -> assertThat(answer).isInstanceOf(ClaimAnswer.Lost.class));
    assertThat(timeout(one)).isEqualTo("7s");
  }

  @ParameterizedTest
  @ValueSource(ints = {PostgresServer.NEWEST, PostgresServer.OLDEST})
  void holdsForABatchThatWaits(int version) throws SQLException {
    withConnections(
        version,
        (one, other) -> {
          claims.claim(one, message("held", null));
          setTimeout(other, "0");
          assertThat(
                  claims.claimAll(
                      other, List.of(message("held", null), message("held", null, "other"))))
              .containsExactly(ClaimAnswer.BUSY);
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {PostgresServer.NEWEST, PostgresServer.OLDEST})
  void holdsForTheClaimAlsoWhenTheTransactionWaitsForEver(int version) throws SQLException {
    withConnections(
        version,
        (one, other) -> {
          assertThat(claims.claim(one, message("held", null))).isEqualTo(ClaimAnswer.WON);
          setTimeout(other, "0");
          assertThat(claims.claim(other, message("held", null))).isEqualTo(ClaimAnswer.BUSY);
          other.rollback();
          assertThat(claims.claim(other, message("held", Instant.now())))
              .isEqualTo(ClaimAnswer.BUSY);
          other.rollback();
          assertThat(claims.claimAll(other, batch("free-", 0, 1, null)))
              .containsExactly(ClaimAnswer.WON);
          assertThat(claims.claimAll(other, List.of(message("held", null))))
              .containsExactly(ClaimAnswer.BUSY);
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {PostgresServer.NEWEST, PostgresServer.OLDEST})
  void answersEachMessageOfAMixedBatch(int version) throws SQLException {
    withConnections(
        version,
        (one, other) -> {
          claims.claim(one, message("b", null));
          one.commit();
          List<ClaimAnswer> answers =
              claims.claimAll(
                  one,
                  List.of(
                      message("a", Instant.now()),
                      message("b", Instant.now()),
                      message("c", LONG_AGO),
                      message("d", null)));
          assertThat(answers.get(0)).isEqualTo(ClaimAnswer.WON);
          assertThat(answers.get(1)).isInstanceOf(ClaimAnswer.Lost.class);
          assertThat(answers.get(2)).isInstanceOf(ClaimAnswer.Outside.class);
          assertThat(answers.get(3)).isEqualTo(ClaimAnswer.WON);
        });
  }

  private void assertBoundPutBack(
      Connection connection, ClaimRequest request, Class<? extends ClaimAnswer> answer)
      throws SQLException {
    for (String before : List.of("0", "7s")) {
      setTimeout(connection, before);
      Savepoint savepoint = connection.setSavepoint();
      assertThat(claims.claim(connection, request)).isInstanceOf(answer);
      assertThat(timeout(connection)).isEqualTo(before);
      if (before.equals("0")) {
        connection.rollback(savepoint);
      }
    }
  }

  private static List<ClaimRequest> batch(String prefix, int from, int to, Instant time) {
    return batch(prefix, from, to, time, "bank");
  }

  /** In the order of their keys. */
  private static List<ClaimRequest> batch(
      String prefix, int from, int to, Instant time, String source) {
    return IntStream.range(from, to)
        .mapToObj(i -> message(prefix + i, time, i % 2 == 0 ? "bank" : source))
        .sorted(Comparator.comparing(ClaimRequest::key))
        .toList();
  }

  private static ClaimRequest message(String id, Instant time) {
    return message(id, time, "bank");
  }

  private static ClaimRequest message(String id, Instant time, String source) {
    Message message = Message.builder(id).source(source).time(time).build();
    return new ClaimRequest(MessageKey.of(message, "payments"), message, null, time, true);
  }

  private static void setTimeout(Connection connection, String value) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL lock_timeout = '" + value + "'");
    }
  }

  private static String timeout(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW lock_timeout")) {
      row.next();
      return row.getString(1);
    }
  }

  private interface Body {
    void run(Connection one, Connection other) throws SQLException;
  }

  private static void withConnections(int version, Body body) throws SQLException {
    PostgresServer server = PostgresServer.shared(version);
    String database = server.newDatabase();
    try (HikariDataSource pool = server.dataSource(database, 4)) {
      InboxMigrations.on(pool).migrate();
      try (Connection one = pool.getConnection();
          Connection other = pool.getConnection()) {
        one.setAutoCommit(false);
        other.setAutoCommit(false);
        try {
          body.run(one, other);
        } finally {
          one.rollback();
          other.rollback();
        }
      }
    }
  }
}
