package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Buckets;
import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.Tables;
import io.inbox.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The plans of the claim statements that the server keeps for a prepared statement: without the
 * values, so it guesses every array to have ten elements.
 */
class ClaimPlanTest {
  static final PlainSql SQL =
      new PlainSql(
          Tables.ofDefaults(),
          new ClaimPolicy(
              "payments", Duration.ofDays(14), Duration.ofDays(1), Duration.ofSeconds(2)));
  private static final Pattern JOIN_FILTER = Pattern.compile("Join Filter: (.*)");

  private static PaymentsDatabase empty;
  private static PaymentsDatabase filled;

  @BeforeAll
  static void createDatabases() throws SQLException {
    empty = PaymentsDatabase.on(PostgresServer.shared(PostgresServer.NEWEST));
    filled = PaymentsDatabase.on(PostgresServer.shared(PostgresServer.NEWEST));
    filled.execute(
        "INSERT INTO inbox.message (tenant, consumer, source, message_id)"
            + " SELECT '', 'payments', '', 'old-' || i FROM generate_series(1, 50000) i",
        "ANALYZE inbox.message");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void winnersAreFoundByTheWholePrimaryKey(boolean full) throws SQLException {
    for (String sql : List.of(SQL.loser, SQL.losers)) {
      assertThat(plan(full ? filled : empty, sql))
          .anyMatch(line -> line.contains("using message_pkey on inbox.message"))
          .anyMatch(line -> line.matches(".*Index Cond.*message_id = .*"))
          .noneMatch(line -> line.contains("Seq Scan on inbox.message"))
          .noneMatch(line -> line.contains("Hash"));
    }
  }

  @Test
  void aFirstDeliveryReadsNoMessage() throws SQLException {
    PaymentsDatabase vacuumed = PaymentsDatabase.on(PostgresServer.shared(PostgresServer.NEWEST));
    vacuumed.execute("VACUUM inbox.message"); // now the planner believes that it stays empty

    for (PaymentsDatabase database : List.of(empty, filled, vacuumed)) {
      for (String sql :
          List.of(
              SQL.claim,
              SQL.claimTimed,
              SQL.claimAll,
              SQL.claimAllTimed,
              SQL.claimIds,
              SQL.claimIdsTimed)) {
        assertThat(plan(database, sql))
            .noneMatch(line -> line.matches(".*Scan.* on inbox.message\\b.*"));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void noStepOfABatchComparesEveryKeyWithEveryOther(boolean full) throws SQLException {
    for (String sql :
        List.of(SQL.claimAll, SQL.claimAllTimed, SQL.claimIds, SQL.claimIdsTimed, SQL.losers)) {
      assertThat(plan(full ? filled : empty, sql))
          .map(JOIN_FILTER::matcher)
          .filteredOn(Matcher::find)
          .map(matcher -> matcher.group(1))
          .noneMatch(filter -> filter.contains("message_id"));
    }
  }

  /** Two batches lock in the order of their arrays, or they deadlock. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theKeysOfABatchAreInsertedAsTheirArraysAreRead(boolean full) throws SQLException {
    for (String sql : List.of(SQL.claimAll, SQL.claimAllTimed, SQL.claimIds, SQL.claimIdsTimed)) {
      List<String> plan = plan(full ? filled : empty, sql);
      int insert = index(plan, "Insert on inbox.message");
      List<String> below = plan.subList(insert + 1, plan.size());
      assertThat(below).anyMatch(line -> line.matches(".*Function Scan on .*"));
      assertThat(below).noneMatch(line -> line.matches(".*(Loop|Join|Sort|Append|Gather).*"));
    }
  }

  private static int index(List<String> plan, String part) {
    for (int i = 0; i < plan.size(); i++) {
      if (plan.get(i).contains(part)) {
        return i;
      }
    }
    throw new AssertionError(part + " is not in " + plan);
  }

  /** A kept plan is made for no day in particular, so it must choose the bucket when it runs. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void bucketsAreLookedUpByTheWholeKeyAndOnlyThoseOfTheDay(boolean moving) throws SQLException {
    PaymentsDatabase bucketed = PaymentsDatabase.on(PostgresServer.shared(PostgresServer.NEWEST));
    bucketed.execute(BucketedDatabase.script("time-buckets.sql"));
    try (HikariDataSource pool = bucketed.pool(2)) {
      PaymentsDatabase.inbox("payments", pool).buckets(Buckets.byUuidV7()).build().close();
    }
    BucketSql sql =
        new BucketSql(
            Tables.ofDefaults(),
            new ClaimPolicy(
                "payments",
                Duration.ofDays(14),
                Duration.ofDays(1),
                Duration.ofSeconds(2),
                Buckets.byUuidV7()),
            moving);
    for (String text :
        List.of(sql.claim, sql.claimUnbounded, sql.claimAll, sql.losers, sql.loser)) {
      assertThat(plan(bucketed, text))
          .noneMatch(line -> line.contains("Seq Scan on inbox.message"))
          .noneMatch(line -> line.contains("Hash Join"))
          .anyMatch(line -> line.matches(".*Index Cond.*message_id = .*"));
    }
    for (String text : List.of(sql.claim, sql.claimUnbounded, sql.claimAll)) {
      assertThat(plan(bucketed, text))
          .filteredOn(line -> line.contains(" on inbox.message_2"))
          .isEmpty();
    }
    assertThat(plan(bucketed, sql.loser)).anyMatch(line -> line.contains("Subplans Removed"));
  }

  /** Of the statements of a batch the one that inserts; the others read no table. */
  private static String insert(String sql) {
    int first = sql.indexOf(";\n");
    return first < 0 ? sql : sql.substring(first + 2, sql.lastIndexOf(";\n"));
  }

  static List<String> plan(PaymentsDatabase database, String sql) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("SET plan_cache_mode = force_generic_plan");
      int parameters = 0;
      StringBuilder numbered = new StringBuilder();
      for (String part : insert(sql).split("\\?", -1)) {
        numbered.append(parameters == 0 ? "" : "$" + parameters).append(part);
        parameters++;
      }
      statement.execute("PREPARE claim AS " + numbered);
      String nulls = "NULL" + ", NULL".repeat(parameters - 2);
      List<String> lines = new ArrayList<>();
      try (ResultSet row =
          statement.executeQuery("EXPLAIN (VERBOSE) EXECUTE claim (" + nulls + ")")) {
        while (row.next()) {
          lines.add(row.getString(1));
        }
      }
      return lines;
    }
  }
}
