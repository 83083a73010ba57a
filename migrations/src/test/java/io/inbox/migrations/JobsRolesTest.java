package io.inbox.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What each role does with jobs, holds, retention, findings and repairs, and what it is refused.
 */
class JobsRolesTest extends RolesTesting {
  private static final String FINDING =
      "INSERT INTO \"inbox\".\"finding\" (\"digest\", \"check_name\", \"kind\", \"severity\", \"cause\","
          + " \"item\") VALUES ('%s', 'c', 'k', 'ERROR', 'c', 'i')";
  private static final String HOLD =
      "INSERT INTO \"inbox\".\"hold\" (\"tenant\", \"reason\", \"placed_by\") VALUES ('acme', 'r', 'me')";
  private static final String RETENTION =
      "INSERT INTO \"inbox\".\"retention\" (\"consumer\", \"scope\", \"keep_seconds\")"
          + " VALUES ('c', 'CONSUMER', 60)";
  private static final String REPAIR =
      "INSERT INTO \"inbox\".\"repair\" (\"action\", \"item\", \"reason\", \"done_by\", \"before\","
          + " \"after\") VALUES ('a', 'i', 'r', 'me', 'b', 'a')";

  @BeforeEach
  void fill() throws SQLException {
    Sql.run(
        superuser,
        "INSERT INTO \"inbox\".\"job\" (\"job\") VALUES ('gc')",
        FINDING.formatted("01"),
        HOLD,
        RETENTION,
        REPAIR);
  }

  @Test
  void theCollectorRunsItsJobAndDeletesResolvedFindings() throws SQLException {
    Sql.run(
        collector,
        "INSERT INTO \"inbox\".\"job\" (\"job\") VALUES ('other')",
        "UPDATE \"inbox\".\"job\" SET \"owner\" = 'me', \"epoch\" = \"epoch\" + 1",
        "SELECT 1 FROM \"inbox\".\"job\" WHERE \"job\" = 'gc' AND \"epoch\" = 1 FOR UPDATE",
        "SELECT * FROM \"inbox\".\"hold\", \"inbox\".\"retention\"",
        "DELETE FROM \"inbox\".\"finding\" WHERE \"resolved_at\" IS NULL");

    assertThat(Sql.column(superuser, "SELECT 1 FROM \"inbox\".\"finding\"")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DELETE FROM \"inbox\".\"hold\"",
        "UPDATE \"inbox\".\"hold\" SET \"until\" = now()",
        "DELETE FROM \"inbox\".\"retention\"",
        "UPDATE \"inbox\".\"retention\" SET \"keep_seconds\" = 1",
        "UPDATE \"inbox\".\"finding\" SET \"resolved_at\" = now()",
        "DELETE FROM \"inbox\".\"job\"",
        "SELECT * FROM \"inbox\".\"repair\""
      })
  void theCollectorDecidesNothing(String statement) {
    refused(() -> Sql.run(collector, statement));
  }

  @Test
  void theReconcilerReadsWhatItComparesAndRecordsFindings() throws SQLException {
    Sql.run(
        reconciler,
        "UPDATE \"inbox\".\"job\" SET \"owner\" = 'me' WHERE \"job\" = 'gc'",
        "INSERT INTO \"inbox\".\"job\" (\"job\") VALUES ('reconcile')",
        FINDING.formatted("02"),
        FINDING.formatted("01")
            + " ON CONFLICT (\"digest\") DO UPDATE SET \"seen\" = \"inbox\".\"finding\".\"seen\" + 1",
        "UPDATE \"inbox\".\"finding\" SET \"resolved_at\" = now(), \"resolution\" = 'r'",
        "SELECT \"result\", \"signature\" FROM \"inbox\".\"result\"",
        "SELECT \"id\", \"state\", \"reason\" FROM \"inbox\".\"dead_letter\"",
        "SELECT \"id\", \"topic\" FROM \"inbox\".\"outbox\"",
        "SELECT \"id\" FROM \"inbox\".\"outbox_dead_letter\"");
    for (String table :
        List.of(
            "consumer",
            "message",
            "attempt",
            "outbox_slot",
            "outbox_relay",
            "outbox_blocked",
            "retention",
            "hold",
            "repair")) {
      Sql.run(reconciler, "SELECT * FROM \"inbox\".\"%s\"".formatted(table));
    }

    assertThat(Sql.column(superuser, "SELECT sum(\"seen\") FROM \"inbox\".\"finding\""))
        .containsExactly("3");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT \"payload\" FROM \"inbox\".\"dead_letter\"",
        "SELECT \"headers\" FROM \"inbox\".\"outbox\"",
        "DELETE FROM \"inbox\".\"finding\"",
        "DELETE FROM \"inbox\".\"message\"",
        "INSERT INTO \"inbox\".\"message\" (message_id, consumer, source, tenant) VALUES ('m', 'c', '', '')",
        "UPDATE \"inbox\".\"dead_letter\" SET \"state\" = 'DISCARDED'",
        "UPDATE \"inbox\".\"consumer\" SET \"purge_horizon\" = now()",
        "DELETE FROM \"inbox\".\"hold\"",
        "INSERT INTO \"inbox\".\"repair\" (\"action\", \"item\", \"reason\", \"done_by\") VALUES ('a', 'i', 'r', 'me')"
      })
  void theReconcilerChangesNothingThatOthersWorkWith(String statement) {
    refused(() -> Sql.run(reconciler, statement));
  }

  @Test
  void theOperatorHoldsKeepsResolvesAndRepairs() throws SQLException {
    Sql.run(
        operator,
        HOLD,
        "DELETE FROM \"inbox\".\"retention\"",
        RETENTION,
        "UPDATE \"inbox\".\"retention\" SET \"keep_seconds\" = 90",
        "UPDATE \"inbox\".\"hold\" SET \"until\" = now()",
        "DELETE FROM \"inbox\".\"hold\" WHERE \"id\" = 1",
        "UPDATE \"inbox\".\"finding\" SET \"resolved_at\" = now(), \"resolution\" = 'seen to'",
        REPAIR,
        "SELECT * FROM \"inbox\".\"repair\"",
        "SELECT 1 FROM \"inbox\".\"job\" WHERE \"job\" = 'gc' FOR UPDATE",
        "UPDATE \"inbox\".\"job\" SET \"checkpoint\" = NULL");

    assertThat(Sql.column(superuser, "SELECT \"id\" FROM \"inbox\".\"hold\"")).containsExactly("2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE \"inbox\".\"job\" SET \"owner\" = 'me'",
        "UPDATE \"inbox\".\"job\" SET \"epoch\" = 9",
        "UPDATE \"inbox\".\"finding\" SET \"item\" = 'other'",
        "DELETE FROM \"inbox\".\"finding\"",
        "UPDATE \"inbox\".\"repair\" SET \"reason\" = 'other'",
        "DELETE FROM \"inbox\".\"repair\"",
        "DELETE FROM \"inbox\".\"message\"",
        "UPDATE \"inbox\".\"consumer\" SET \"purge_horizon\" = now()"
      })
  void theOperatorNeitherCollectsNorRewritesTheRecord(String statement) {
    refused(() -> Sql.run(operator, statement));
  }

  @ParameterizedTest
  @ValueSource(strings = {"job", "retention", "hold", "finding", "repair"})
  void neitherTheApplicationNorTheRelaySeesThem(String table) {
    String statement = "SELECT * FROM \"inbox\".\"%s\"".formatted(table);
    refused(() -> Sql.run(application, statement));
    refused(() -> Sql.run(relay, statement));
  }

  @ParameterizedTest
  @ValueSource(strings = {"job", "retention", "hold", "finding"})
  void theReaderSeesThemAndWritesNone(String table) throws SQLException {
    Sql.run(reader, "SELECT * FROM \"inbox\".\"%s\"".formatted(table));
    refused(() -> Sql.run(reader, "DELETE FROM \"inbox\".\"%s\"".formatted(table)));
  }

  @Test
  void theReaderSeesRepairsWithoutWhatStoodThere() throws SQLException {
    Sql.run(reader, "SELECT \"action\", \"reason\", \"done_by\" FROM \"inbox\".\"repair\"");
    refused(() -> Sql.run(reader, "SELECT \"before\" FROM \"inbox\".\"repair\""));
    refused(() -> Sql.run(reader, "SELECT \"after\" FROM \"inbox\".\"repair\""));
  }
}
