package io.inbox.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may do what with watermarks, by the documented roles and policies. */
class WatermarkRolesTest extends RolesTesting {
  private static final String TABLE = "\"inbox\".\"watermark\"";
  private static final String INSERT =
      "INSERT INTO "
          + TABLE
          + " (\"tenant\", \"consumer\", \"stream\", \"partition\") VALUES ('%s', 'c', 'orders', 0)";
  private static final String MOVE = "UPDATE " + TABLE + " SET \"position\" = \"position\" + 1";

  @Test
  void theApplicationTakesOverAndMoves() throws SQLException {
    Sql.run(
        application,
        INSERT.formatted(""),
        "UPDATE " + TABLE + " SET \"epoch\" = \"epoch\" + 1, \"taken_at\" = clock_timestamp()",
        "UPDATE " + TABLE + " SET \"position\" = 7, \"moved_at\" = clock_timestamp()");

    assertThat(Sql.column(application, "SELECT \"position\" FROM " + TABLE)).containsExactly("7");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DELETE FROM " + TABLE,
        "TRUNCATE " + TABLE,
        "UPDATE " + TABLE + " SET \"stream\" = 'other'",
        "UPDATE " + TABLE + " SET \"partition\" = 1",
        "INSERT INTO "
            + TABLE
            + " (\"tenant\", \"consumer\", \"stream\", \"partition\", \"epoch\") VALUES ('', 'c', 'o', 0, 9)"
      })
  void theApplicationCannotForgetOneOrMakeItAnother(String statement) {
    refused(() -> Sql.run(application, statement));
  }

  @Test
  void theOperatorCanSendOneBackAndNothingElse() throws SQLException {
    Sql.run(application, INSERT.formatted(""), MOVE);
    Sql.run(operator, "UPDATE " + TABLE + " SET \"position\" = -1, \"epoch\" = \"epoch\" + 1");

    assertThat(Sql.column(operator, "SELECT \"epoch\" FROM " + TABLE)).containsExactly("2");
    refused(() -> Sql.run(operator, INSERT.formatted("x")));
    refused(() -> Sql.run(operator, "DELETE FROM " + TABLE));
  }

  @Test
  void theReconcilerAndTheReaderLookTheOthersDoNot() throws SQLException {
    Sql.run(application, INSERT.formatted(""));
    for (Connection connection : List.of(reconciler, reader)) {
      assertThat(Sql.column(connection, "SELECT \"position\" FROM " + TABLE)).containsExactly("-1");
      refused(() -> Sql.run(connection, MOVE));
    }
    for (Connection connection : List.of(relay, collector)) {
      refused(() -> Sql.column(connection, "SELECT \"position\" FROM " + TABLE));
    }
  }

  @Test
  void policiesKeepTheTenantsApart() throws Exception {
    runScript("row-level-security.sql");
    application.setAutoCommit(false);
    for (String tenant : List.of("acme", "umbrella")) {
      Sql.run(
          application,
          "SELECT set_config('inbox.tenant', '%s', true)".formatted(tenant),
          INSERT.formatted(tenant),
          MOVE);
      assertThat(Sql.column(application, "SELECT \"tenant\" FROM " + TABLE))
          .containsExactly(tenant);
      application.commit();
    }
    assertThat(Sql.column(application, "SELECT \"tenant\" FROM " + TABLE))
        .as("no tenant named")
        .isEmpty();
    application.rollback();
    refused(
        () ->
            Sql.run(
                application,
                "SELECT set_config('inbox.tenant', 'acme', true)",
                INSERT.formatted("initech")));
    application.rollback();
    for (Connection connection : List.of(operator, reconciler, reader)) {
      assertThat(
              Sql.column(
                  connection, "SELECT \"tenant\" || \"position\" FROM " + TABLE + " ORDER BY 1"))
          .containsExactly("acme0", "umbrella0");
    }
  }
}
