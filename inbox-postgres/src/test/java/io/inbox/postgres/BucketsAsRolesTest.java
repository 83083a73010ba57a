package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Buckets;
import io.inbox.DeadLetter;
import io.inbox.DeadLetterQuery;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Buckets by a login that is a member of the application's role and of nothing else. */
class BucketsAsRolesTest {
  /** The orders in which a DBA may run the scripts. */
  enum Scripts {
    ROLES("roles.sql", "time-buckets.sql"),
    BUCKETS_FIRST("time-buckets.sql", "roles.sql", "time-buckets.sql"),
    TENANTS("roles.sql", "row-level-security.sql", "time-buckets.sql"),
    TENANTS_LAST("roles.sql", "time-buckets.sql", "row-level-security.sql", "time-buckets.sql"),
    NODE_BEFORE_ROLES("time-buckets.sql", "a node", "roles.sql", "time-buckets.sql"),
    ROLES_AGAIN("roles.sql", "row-level-security.sql", "time-buckets.sql", "roles.sql");

    private final String names;

    Scripts(String... names) {
      this.names = String.join(", ", names);
    }

    List<String> names() {
      return List.of(names.split(", ", -1));
    }

    boolean separateTenants() {
      return names.contains("row-level");
    }
  }

  @ParameterizedTest
  @EnumSource
  void theRoleIsEnoughAndCanDropNothing(Scripts scripts) throws Exception {
    PaymentsDatabase database = PaymentsDatabase.on(PostgresServer.shared(PostgresServer.NEWEST));
    database.execute(
        "INSERT INTO inbox.message (tenant, consumer, source, message_id) VALUES ('acme', 'old', '', 'x')");
    database.execute(
        "CREATE ROLE bucket_granter",
        "GRANT USAGE ON SCHEMA inbox TO bucket_granter",
        "GRANT SELECT ON inbox.message TO bucket_granter WITH GRANT OPTION",
        "SET ROLE bucket_granter; GRANT SELECT ON inbox.message TO PUBLIC; RESET ROLE");
    for (String name : scripts.names()) {
      if (name.equals("a node")) {
        try (HikariDataSource owner = database.pool(2)) {
          PaymentsDatabase.inbox("first", owner).buckets(Buckets.byMessageTime()).build().close();
        }
      } else {
        database.execute(BucketedDatabase.script(name));
      }
    }
    database.execute("REVOKE ALL ON inbox.message FROM bucket_granter CASCADE");
    database.execute(
        "CREATE ROLE bucket_service LOGIN IN ROLE inbox_app",
        "GRANT SELECT, INSERT ON applied TO bucket_service");
    try (HikariDataSource pool =
        PaymentsDatabase.pool(database.url().replace("user=postgres", "user=bucket_service"), 2)) {
      handlesEverything(pool, scripts.separateTenants());
      assertThat(
              database.rows(
                  "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relnamespace = 'inbox'::regnamespace AND relname ~ '^(message|bucket)'"))
          .containsExactly("inbox_owner");
      assertThat(
              database.number(
                  "SELECT count(*) FROM pg_class WHERE relnamespace = 'inbox'::regnamespace AND relname LIKE 'message%'"
                      + " AND relkind IN ('r', 'p') AND NOT (relrowsecurity AND relforcerowsecurity)"))
          .as("tables of messages that no policy guards")
          .matches(open -> (open == 0) == scripts.separateTenants());
      try (Connection connection = pool.getConnection();
          Statement statement = connection.createStatement()) {
        for (String sql :
            List.of(
                "SELECT inbox.bucket_drop('2020-01-01')",
                "DELETE FROM inbox.bucket",
                "DELETE FROM inbox.message",
                "SELECT 1 FROM inbox.message_plain",
                "CREATE TABLE inbox.mine (x integer)")) {
          assertThatThrownBy(() -> statement.execute(sql)).hasMessageContaining("denied");
        }
      }
    } finally {
      database.execute(
          "DROP OWNED BY bucket_service",
          "DROP ROLE bucket_service",
          "DROP OWNED BY bucket_granter",
          "DROP ROLE bucket_granter");
    }
  }

  private static void handlesEverything(HikariDataSource pool, boolean separateTenants)
      throws SQLException {
    PostgresStore store = PostgresStore.builder().rowLevelSecurity(separateTenants).build();
    for (Buckets buckets : List.of(Buckets.byMessageTime().moving(), Buckets.byMessageTime())) {
      try (Inbox inbox =
          Inbox.builder("payments", store, pool).multiTenant(true).buckets(buckets).build()) {
        String name = buckets.isMoving() ? "moving" : "moved";
        Message first = message("first " + name, Duration.ofDays(1));
        assertThat(inbox.process(first, PaymentsDatabase.applying(first)))
            .isInstanceOf(Outcome.Processed.class);
        List<Message> both = new ArrayList<>(List.of(first));
        both.add(message("second " + name, Duration.ofDays(2)));
        assertThat(inbox.processBatch(both, (fresh, tx) -> {}))
            .extracting(outcome -> outcome.getClass().getSimpleName())
            .containsExactly("Duplicate", "Processed");
        Message old = message("old " + name, Duration.ofDays(30));
        assertThat(inbox.process(old, PaymentsDatabase.applying(old)))
            .isInstanceOf(Outcome.OutsideWindow.class);
        DeadLetter letter =
            inbox.deadLetters().ofTenant("acme").list(DeadLetterQuery.first(1)).get(0);
        assertThat(
                inbox
                    .deadLetters()
                    .ofTenant("acme")
                    .replay(letter.id(), "wanted", PaymentsDatabase::applying))
            .isInstanceOf(Outcome.Processed.class);
        assertThat(inbox.process(old, PaymentsDatabase.applying(old)))
            .isInstanceOf(Outcome.Duplicate.class);
      }
    }
  }

  private static Message message(String id, Duration age) {
    return Message.builder(id)
        .tenant("acme")
        .time(Instant.now().minus(age))
        .payload(new byte[0])
        .build();
  }
}
