package io.inbox.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.inbox.DuplicatePolicy;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.RetryPolicy;
import io.inbox.outbox.OutboxMessage;
import io.inbox.postgres.PostgresStore;
import io.inbox.spi.Codec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands on PostgreSQL: as superuser, as members of the roles, behind policies. */
final class PostgresCommandsTest {
  private static Server server;

  @TempDir private Path folder;

  @BeforeAll
  static void start() throws Exception {
    server = Server.start();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @Test
  void showsTheState() throws Exception {
    String database = seeded("");
    JsonNode json = run(database, "status", "--json").ended(1).json();
    assertThat(json.get("server").asText()).startsWith("PostgreSQL 18");
    assertThat(json.get("consumers").get(0).get("keys").asLong()).isEqualTo(3);
    assertThat(json.get("outbox").get("waiting").asLong()).isEqualTo(2);
    assertThat(json.get("tables")).hasSizeGreaterThan(8);
    assertThat(json.get("deadLetters").get(0).get("open").asLong()).isEqualTo(1);
  }

  @Test
  void estimatesTheKeysOfLargeInboxesAndCountsThemIfAskedTo() throws Exception {
    String database = server.migrated();
    server.execute(
        database,
        "INSERT INTO inbox.consumer (consumer, dedupe_window_seconds) VALUES ('many', 60), ('few', 60)");
    server.execute(
        database,
        "INSERT INTO inbox.message (tenant, consumer, source, message_id)"
            + " SELECT '', CASE WHEN n % 10 = 0 THEN 'few' ELSE 'many' END, '', n::text FROM generate_series(1, 150000) n");
    server.execute(database, "ANALYZE inbox.message");
    JsonNode estimated = run(database, "status", "--json").ended(0).json().get("consumers");
    assertThat(estimated.get(0).get("keysExact").asBoolean(true)).isFalse();
    assertThat(estimated.get(0).get("keys").asLong()).isBetween(10_000L, 20_000L);
    assertThat(estimated.get(1).get("keys").asLong()).isBetween(130_000L, 140_000L);
    assertThat(run(database, "status").out()).contains("~1");
    JsonNode counted = run(database, "status", "--json", "--exact").json().get("consumers");
    assertThat(counted.get(0).get("keys").asLong()).isEqualTo(15_000);
    assertThat(counted.get(0).get("keysExact").asBoolean()).isTrue();
  }

  @Test
  void showsEachRoleWhatItMaySee() throws Exception {
    String database = seeded("");
    roles(database);
    JsonNode reader = as(database, "reader", "status", "--json").ended(1).json();
    assertThat(reader.get("consumers")).hasSize(1);
    assertThat(reader.get("findings").isNull()).isFalse();
    JsonNode relay = as(database, "relay", "status", "--json").ended(0).json();
    assertThat(relay.get("consumers").isNull()).isTrue();
    assertThat(relay.get("outbox").get("waiting").asLong()).isEqualTo(2);
    assertThat(as(database, "relay", "status").out()).contains("Consumers: not shown");
    JsonNode key = as(database, "reader", "explain", "evt_1", "--json").ended(0).json();
    assertThat(key.get("keys").get(0).get("resultStoredAt").isTextual()).isTrue();
    assertThat(key.get("keys").get(0).get("resultSignatureValid").isNull()).isTrue();
    assertThat(key.get("notVisible").toString()).contains("contents of results");
    assertThat(as(database, "reader", "dead-letters", "show", "1").ended(0).out())
        .containsPattern("headers and payload may be seen +no");
    assertThat(
            as(database, "reader", "dead-letters", "discard", "1", "--apply", "--reason", "r")
                .refused(3))
        .contains("IBX-513", "inbox_app");
    as(database, "app", "dead-letters", "discard", "1", "--apply", "--reason", "r").ended(0);
  }

  @Test
  void tellsWhatALoginMayDo() throws Exception {
    String database = seeded("");
    roles(database);
    assertThat(as(database, "reader", "doctor").ended(0).out())
        .containsPattern("ok    rights +this login may run as reader\n")
        .containsPattern("ok    login");
    assertThat(as(database, "app", "doctor").out()).contains("may run as application\n");
    assertThat(as(database, "relay", "doctor").out()).contains("may run as relay\n");
    assertThat(as(database, "collector", "doctor").out()).contains("may run as collector");
    assertThat(run(database, "doctor").ended(0).out())
        .containsPattern("warn  login +this login is a superuser")
        .containsPattern("ok    durability")
        .containsPattern("ok    sequence")
        .containsPattern("ok    pooler +none");
    server.execute(database, "CREATE ROLE stranger LOGIN");
    server.execute(database, "GRANT CONNECT ON DATABASE " + database + " TO stranger");
    assertThat(login(database, "stranger", "doctor").ended(3).out()).contains("IBX-513");
  }

  @Test
  void findsWhatBreaksAPromise() throws Exception {
    String database = server.migrated();
    for (String sql :
        List.of(
            "ALTER SEQUENCE inbox.outbox_id_seq CACHE 20",
            "CREATE UNIQUE INDEX second ON inbox.message (subject)",
            "ALTER TABLE inbox.attempt SET UNLOGGED",
            "ALTER TABLE inbox.outbox SET (autovacuum_enabled = false)",
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            "CREATE TRIGGER t BEFORE INSERT ON inbox.message FOR EACH ROW EXECUTE FUNCTION f()",
            "ALTER TABLE inbox.message ENABLE ROW LEVEL SECURITY",
            "ALTER TABLE inbox.message FORCE ROW LEVEL SECURITY",
            "ALTER DATABASE " + database + " SET synchronous_commit = off",
            "ALTER DATABASE " + database + " SET default_transaction_isolation = serializable")) {
      server.execute(database, sql);
    }
    assertThat(run(database, "doctor").ended(1).out())
        .containsPattern("fail  durability +synchronous_commit is off")
        .containsPattern("fail  sequence +IBX-508")
        .containsPattern("fail  unique index")
        .containsPattern("fail  persistence .*attempt")
        .containsPattern("warn  triggers .*message.t")
        .containsPattern("warn  autovacuum .*outbox")
        .containsPattern("fail  policies .*some tables only")
        .containsPattern("warn  isolation");
    server.execute(
        database, "ALTER DATABASE " + database + " SET default_transaction_read_only = on");
    assertThat(run(database, "doctor").ended(1).out()).containsPattern("fail  start +IBX-504");
    run(database, "status").ended(0);
  }

  @Test
  void findsThatNothingKeepsKeysApart() throws Exception {
    String database = server.migrated();
    server.execute(database, "ALTER TABLE inbox.message DROP CONSTRAINT message_pkey");
    server.execute(
        database,
        "CREATE UNIQUE INDEX by_hand ON inbox.message (message_id, consumer, source, tenant)");
    assertThat(run(database, "doctor").ended(1).out())
        .containsPattern("fail  unique index +message, or a partition of it, has no primary key");
  }

  @Test
  void explainsAKeyByEveryWayThereIs() throws Exception {
    String database = seeded("");
    JsonNode key = run(database, "explain", "evt_1", "--json").ended(0).json().get("keys").get(0);
    assertThat(key.get("nextDelivery").asText()).isEqualTo("Duplicate");
    assertThat(key.get("resultSignatureValid").asBoolean()).isTrue();
    assertThat(key.get("kept")).hasSize(1);
    assertThat(run(database, "explain", "--subject", "s-evt_2", "--json").json().get("keys"))
        .hasSize(1);
    assertThat(
            run(database, "explain", "evt_3", "--json")
                .json()
                .get("keys")
                .get(0)
                .get("state")
                .asText())
        .isEqualTo("given up");
    assertThat(run(database, "explain", "evt_1", "--source", "other", "--json").json().get("keys"))
        .isEmpty();
  }

  @Test
  void findsAnIdInALargeInboxWithoutReadingItAll() throws Exception {
    String database = server.migrated();
    server.execute(
        database,
        "INSERT INTO inbox.message (tenant, consumer, source, message_id)"
            + " SELECT 't' || n % 3, 'c' || n % 2, 's' || n % 50, n::text FROM generate_series(1, 200000) n");
    server.execute(
        database,
        "INSERT INTO inbox.message (tenant, consumer, source, message_id) VALUES ('t9', 'c9', 's9', '77')");
    server.execute(database, "ANALYZE inbox.message");
    JsonNode json = run(database, "explain", "77", "--json").ended(0).json();
    assertThat(json.get("keys")).hasSize(2);
    assertThat(json.get("keys").get(1).get("tenant").asText()).isEqualTo("t9");
  }

  @Test
  void saysWhatTookTooLong() throws Exception {
    String database = seeded("");
    try (Connection connection = server.dataSource(database).getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("LOCK TABLE inbox.outbox IN ACCESS EXCLUSIVE MODE");
      JsonNode key = run(database, "explain", "evt_1", "--timeout", "1s", "--json").ended(0).json();
      assertThat(key.get("tookTooLong").toString()).isEqualTo("[\"outbox\"]");
      assertThat(key.get("keys")).hasSize(1);
      Run status = run(database, "status", "--timeout", "1s").ended(1);
      assertThat(status.out())
          .contains("Outbox: not shown, as it took longer than --timeout")
          .containsPattern("Outbox could not be read in time +raise --timeout")
          .containsPattern("payments +14 d");
      connection.rollback();
    }
  }

  @Test
  void worksBehindPoliciesOfTenants() throws Exception {
    String database = seeded("acme");
    roles(database);
    script(database, "row-level-security.sql");
    for (String words : List.of("dead-letters list", "dead-letters show 1", "explain evt_1")) {
      assertThat(as(database, "app", words.split(" ")).refused(2)).contains("--tenant");
    }
    assertThat(as(database, "app", "status").ended(0).out())
        .contains("Policies keep tenants apart");
    assertThat(as(database, "reader", "status", "--json").json().get("rowsHidden").asBoolean(true))
        .isFalse();
    assertThat(
            as(database, "app", "dead-letters", "list", "--tenant", "acme", "--json")
                .json()
                .get("letters"))
        .hasSize(1);
    assertThat(
            as(database, "app", "explain", "evt_1", "--tenant", "acme", "--json")
                .json()
                .get("keys"))
        .hasSize(1);
    server.execute(database, "CREATE TABLE booked (id text)");
    server.execute(database, "GRANT INSERT ON booked TO inbox_app");
    Path plugins = Files.createDirectory(folder.resolve("plugins"));
    PluginJar.handler(plugins, folder);
    Run run =
        as(
            database,
            "app",
            "dead-letters",
            "replay",
            "1",
            "--tenant",
            "acme",
            "--plugins",
            plugins.toString(),
            "--handler-option",
            "table=booked",
            "--apply",
            "--reason",
            "open again");
    assertThat(run.ended(0).out()).contains("REPLAYED");
    assertThat(server.column(database, "SELECT id FROM booked")).containsExactly("evt_3");
    assertThat(run(database, "doctor").out()).contains("on, but does not bind this login");
  }

  private static Run run(String database, String... words) {
    return login(database, "postgres", words);
  }

  private static Run as(String database, String role, String... words) {
    return login(database, database + "_" + role, words);
  }

  private static Run login(String database, String user, String... words) {
    return Run.of(Map.of("INBOX_URL", server.url(database), "INBOX_USER", user), words);
  }

  /** Two handled with results, kept and appended messages; one given up. */
  private static String seeded(String tenant) throws Exception {
    String database = server.migrated();
    try (Inbox inbox =
        Inbox.builder("payments", PostgresStore.create(), server.dataSource(database))
            .retry(RetryPolicy.builder().maxAttempts(1).build())
            .onDuplicate(DuplicatePolicy.SEND_OUTBOX_AGAIN)
            .build()) {
      for (String id : List.of("evt_1", "evt_2")) {
        inbox
            .typed(Codec.bytes())
            .returning(Codec.bytes())
            .process(
                message(id, tenant),
                (payload, tx) -> {
                  tx.outbox().append(OutboxMessage.of("orders", id, payload));
                  return payload;
                });
      }
      inbox.process(
          message("evt_3", tenant),
          tx -> {
            throw new IllegalStateException("closed");
          });
    }
    return database;
  }

  private static Message message(String id, String tenant) {
    return Message.builder(id).tenant(tenant).subject("s-" + id).payload(new byte[3]).build();
  }

  /** Makes the roles, and a login for each that is called after the database. */
  private static void roles(String database) throws Exception {
    script(database, "roles.sql");
    for (String role : List.of("app", "relay", "collector", "operator", "reader")) {
      server.execute(database, "CREATE ROLE " + database + "_" + role + " LOGIN");
      server.execute(database, "GRANT inbox_" + role + " TO " + database + "_" + role);
    }
  }

  private static void script(String database, String name) throws Exception {
    Path folder = Files.createTempDirectory("inbox-sql");
    List<String> words = new ArrayList<>(List.of("migrate", "--render", folder.toString()));
    words.addAll(List.of("--database", "postgresql"));
    Run.of(words).ended(0);
    try (Connection connection = server.dataSource(database).getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(Files.readString(folder.resolve(name)));
    }
  }
}
