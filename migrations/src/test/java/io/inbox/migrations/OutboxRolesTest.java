package io.inbox.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each role does with the outbox, and what it is refused. */
class OutboxRolesTest extends RolesTesting {
  private static final String MESSAGE =
      "\"message_id\", \"tenant\", \"topic\", \"key\", \"headers\", \"payload\", \"correlation_id\", \"causation_id\"";
  private static final String VALUES =
      "gen_random_uuid(), '', 'orders', '7', '', '\\x01', 'c', 'd'";
  private static final String APPEND =
      "INSERT INTO \"inbox\".\"outbox\" (\"slot\", " + MESSAGE + ") VALUES (3, " + VALUES + ")";
  private static final String DELAY =
      "INSERT INTO \"inbox\".\"outbox_delayed\" (\"due_at\", \"slot\", "
          + MESSAGE
          + ") VALUES (now(), 3, "
          + VALUES
          + ")";
  private static final String KEEP =
      "INSERT INTO \"inbox\".\"outbox_kept\" (\"tenant\", \"consumer\", \"source\", \"handled_id\","
          + " \"position\", \"message_id\", \"message_tenant\", \"topic\") VALUES ('', 'c', '', 'm', 1,"
          + " gen_random_uuid(), '', 'orders')";
  private static final String GIVE_UP =
      "INSERT INTO \"inbox\".\"outbox_dead_letter\" ("
          + MESSAGE
          + ", \"appended_at\", \"reason\", \"attempts\") VALUES ("
          + VALUES
          + ", now(), 'EXHAUSTED', 3)";

  /** Nobody grants it anything on a sequence: an identity draws from its own as the table's. */
  @Test
  void theApplicationAppendsThroughTheIdentityWithoutARightOnItsSequence() throws SQLException {
    Sql.run(application, APPEND, APPEND, DELAY, KEEP);

    assertThat(Sql.column(superuser, "SELECT \"id\" FROM \"inbox\".\"outbox\" ORDER BY 1"))
        .containsExactly("1", "2");
    assertThat(
            Sql.column(
                superuser,
                "SELECT has_sequence_privilege('app_login', s.oid, 'USAGE, SELECT, UPDATE')"
                    + " FROM pg_class s WHERE s.relkind = 'S' AND s.relnamespace = 'inbox'::regnamespace"))
        .hasSize(7)
        .containsOnly("f");
    refused(() -> Sql.run(application, "SELECT nextval('\"inbox\".\"outbox_id_seq\"')"));
  }

  @Test
  void theApplicationReadsSlotsAndReplacesTheCopiesItKept() throws SQLException {
    Sql.run(
        application,
        "SELECT (SELECT count(*) FROM \"inbox\".\"outbox_slot\"), (SELECT seqcache FROM pg_sequence"
            + " WHERE seqrelid = pg_get_serial_sequence('\"inbox\".\"outbox\"', 'id')::regclass)",
        KEEP,
        "DELETE FROM \"inbox\".\"outbox_kept\" WHERE \"handled_id\" = 'm'",
        KEEP);

    assertThat(Sql.column(application, "SELECT \"topic\" FROM \"inbox\".\"outbox_kept\""))
        .containsExactly("orders");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT \"id\" FROM \"inbox\".\"outbox\"",
        "INSERT INTO \"inbox\".\"outbox\" (\"slot\", \"message_id\", \"tenant\", \"topic\") VALUES (0,"
            + " gen_random_uuid(), '', 't') RETURNING \"id\"",
        "INSERT INTO \"inbox\".\"outbox\" (\"slot\", \"id\", \"message_id\", \"tenant\", \"topic\")"
            + " OVERRIDING SYSTEM VALUE VALUES (0, -1, gen_random_uuid(), '', 't')",
        "DELETE FROM \"inbox\".\"outbox\"",
        "UPDATE \"inbox\".\"outbox\" SET \"topic\" = 'other'",
        "TRUNCATE \"inbox\".\"outbox\"",
        "SELECT \"payload\" FROM \"inbox\".\"outbox_delayed\"",
        "DELETE FROM \"inbox\".\"outbox_delayed\"",
        "UPDATE \"inbox\".\"outbox_delayed\" SET \"due_at\" = now()",
        "UPDATE \"inbox\".\"outbox_kept\" SET \"topic\" = 'other'",
        "UPDATE \"inbox\".\"outbox_slot\" SET \"owner\" = 'me'",
        "DELETE FROM \"inbox\".\"outbox_slot\"",
        "SELECT * FROM \"inbox\".\"outbox_relay\"",
        "SELECT * FROM \"inbox\".\"outbox_blocked\"",
        "SELECT * FROM \"inbox\".\"outbox_parked\"",
        "SELECT * FROM \"inbox\".\"outbox_dead_letter\"",
        "INSERT INTO \"inbox\".\"outbox_relay\" VALUES ('me', now())"
      })
  void theApplicationNeitherSeesNorChangesWhatIsToBeSent(String statement) {
    refused(() -> Sql.run(application, statement));
  }

  @Test
  void theRelayOwnsSlotsAndPublishes() throws SQLException {
    Sql.run(application, APPEND, DELAY);

    Sql.run(
        relay,
        "UPDATE \"inbox\".\"outbox_relay\" SET \"alive_until\" = now() WHERE \"relay\" = 'r'",
        "INSERT INTO \"inbox\".\"outbox_relay\" (\"relay\", \"alive_until\") VALUES ('r', now())",
        "DELETE FROM \"inbox\".\"outbox_relay\" WHERE \"alive_until\" < now()",
        "UPDATE \"inbox\".\"outbox_slot\" SET \"owner\" = 'r', \"epoch\" = \"epoch\" + 1, \"lease_until\" = now()"
            + " WHERE \"slot\" = 3 AND \"owner\" IS NULL",
        "SELECT \"slot\", \"epoch\" FROM \"inbox\".\"outbox_slot\" WHERE \"owner\" = 'r' FOR UPDATE",
        "SELECT \"id\", \"slot\" FROM \"inbox\".\"outbox_delayed\" FOR UPDATE SKIP LOCKED",
        "INSERT INTO \"inbox\".\"outbox\" (\"slot\", "
            + MESSAGE
            + ", \"appended_at\") SELECT \"slot\", "
            + MESSAGE
            + ", \"appended_at\" FROM \"inbox\".\"outbox_delayed\"",
        "DELETE FROM \"inbox\".\"outbox_delayed\"",
        "INSERT INTO \"inbox\".\"outbox_blocked\" (\"slot\", \"lane\", \"tenant\", \"topic\", \"attempts\","
            + " \"next_attempt_at\") VALUES (3, 'l', '', 'orders', 1, now())",
        "UPDATE \"inbox\".\"outbox_blocked\" SET \"attempts\" = 2, \"next_attempt_at\" = now(), \"last_error\" = 'e'",
        "INSERT INTO \"inbox\".\"outbox_parked\" (\"slot\", \"lane\", \"id\", "
            + MESSAGE
            + ", \"appended_at\") SELECT \"slot\", 'l', \"id\", "
            + MESSAGE
            + ", \"appended_at\" FROM \"inbox\".\"outbox\"",
        "SELECT \"payload\", \"headers\" FROM \"inbox\".\"outbox_parked\"",
        "DELETE FROM \"inbox\".\"outbox_parked\"",
        "DELETE FROM \"inbox\".\"outbox_blocked\"",
        "WITH mine AS MATERIALIZED (SELECT \"slot\" FROM \"inbox\".\"outbox_slot\" s WHERE \"owner\" = 'r' FOR SHARE OF s)"
            + " DELETE FROM \"inbox\".\"outbox\" o USING mine m WHERE o.\"slot\" = m.\"slot\"",
        "SELECT virtualtransaction FROM pg_locks WHERE relation = '\"inbox\".\"outbox\"'::regclass");

    assertThat(Sql.column(superuser, "SELECT \"id\" FROM \"inbox\".\"outbox\"")).isEmpty();
  }

  @Test
  void theRelayKeepsAndRequeuesDeadLettersAndChangesTheNumberOfSlots() throws SQLException {
    Sql.run(
        relay,
        GIVE_UP,
        "SELECT \"payload\" FROM \"inbox\".\"outbox_dead_letter\" FOR UPDATE",
        "INSERT INTO \"inbox\".\"outbox\" (\"slot\", "
            + MESSAGE
            + ", \"appended_at\") SELECT 3, "
            + MESSAGE
            + ", \"appended_at\" FROM \"inbox\".\"outbox_dead_letter\"",
        "UPDATE \"inbox\".\"outbox_dead_letter\" SET \"state\" = 'REQUEUED', \"resolved_at\" = now(), \"resolution\" = 'r'",
        "SELECT \"slot\" FROM \"inbox\".\"outbox_slot\" ORDER BY \"slot\" FOR UPDATE",
        "DELETE FROM \"inbox\".\"outbox_slot\" WHERE \"slot\" >= 8",
        "INSERT INTO \"inbox\".\"outbox_slot\" (\"slot\") VALUES (8)");

    assertThat(Sql.column(superuser, "SELECT count(*) FROM \"inbox\".\"outbox_slot\""))
        .containsExactly("9");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "INSERT INTO \"inbox\".\"message\" (message_id, consumer, source, tenant) VALUES ('m', 'c', '', '')",
        "DELETE FROM \"inbox\".\"message\"",
        "UPDATE \"inbox\".\"dead_letter\" SET \"state\" = 'DISCARDED'",
        "SELECT * FROM \"inbox\".\"outbox_kept\"",
        "UPDATE \"inbox\".\"outbox\" SET \"payload\" = NULL",
        "UPDATE \"inbox\".\"outbox_dead_letter\" SET \"payload\" = NULL",
        "DELETE FROM \"inbox\".\"outbox_dead_letter\"",
        "UPDATE \"inbox\".\"outbox_slot\" SET \"slot\" = 99",
        "INSERT INTO \"inbox\".\"schema_version\" (\"version\", \"compatible_from\") VALUES (9, 9)"
      })
  void theRelayTouchesNoInboxAndRewritesNoMessage(String statement) {
    refused(() -> Sql.run(relay, statement));
  }

  @Test
  void theCollectorDeletesOldCopiesAndSettledDeadLetters() throws SQLException {
    Sql.run(application, KEEP);
    Sql.run(relay, GIVE_UP, "UPDATE \"inbox\".\"outbox_dead_letter\" SET \"state\" = 'DISCARDED'");

    Sql.run(
        collector,
        "DELETE FROM \"inbox\".\"outbox_kept\" WHERE \"appended_at\" <= now()",
        "DELETE FROM \"inbox\".\"outbox_dead_letter\" WHERE \"state\" <> 'OPEN'");

    assertThat(
            Sql.column(
                superuser,
                "SELECT 1 FROM \"inbox\".\"outbox_kept\" UNION ALL SELECT 1 FROM \"inbox\".\"outbox_dead_letter\""))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT * FROM \"inbox\".\"outbox\"",
        "DELETE FROM \"inbox\".\"outbox\"",
        "DELETE FROM \"inbox\".\"outbox_delayed\"",
        "DELETE FROM \"inbox\".\"outbox_parked\"",
        "DELETE FROM \"inbox\".\"outbox_blocked\"",
        "DELETE FROM \"inbox\".\"outbox_slot\"",
        "UPDATE \"inbox\".\"outbox_dead_letter\" SET \"state\" = 'DISCARDED'",
        "UPDATE \"inbox\".\"outbox_kept\" SET \"topic\" = 'other'"
      })
  void theCollectorLeavesAloneWhatIsToBeSent(String statement) {
    refused(() -> Sql.run(collector, statement));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"outbox", "outbox_delayed", "outbox_parked", "outbox_dead_letter", "outbox_kept"})
  void theReaderSeesEveryColumnButPayloadAndHeaders(String table) throws SQLException {
    String columns =
        Sql.column(
                superuser,
                "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns"
                    + " WHERE table_schema = 'inbox' AND column_name NOT IN ('payload', 'headers')"
                    + " AND table_name = '%s'".formatted(table))
            .get(0);

    Sql.run(reader, "SELECT %s FROM \"inbox\".\"%s\"".formatted(columns, table));

    for (String hidden : new String[] {"payload", "headers"}) {
      refused(() -> Sql.run(reader, "SELECT %s FROM \"inbox\".\"%s\"".formatted(hidden, table)));
    }
    refused(() -> Sql.run(reader, "DELETE FROM \"inbox\".\"%s\"".formatted(table)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"outbox_slot", "outbox_relay", "outbox_blocked"})
  void theReaderSeesWhoOwnsWhatAndWhatWaits(String table) throws SQLException {
    Sql.run(reader, "SELECT * FROM \"inbox\".\"%s\"".formatted(table));
    refused(() -> Sql.run(reader, "DELETE FROM \"inbox\".\"%s\"".formatted(table)));
  }

  @Test
  void theScriptsTakeBackWhatSomebodyGrantedBesides() throws IOException, SQLException {
    Sql.run(
        superuser,
        "GRANT SELECT, DELETE ON \"inbox\".\"outbox\" TO \"inbox_app\"",
        "GRANT UPDATE (\"topic\") ON \"inbox\".\"outbox\" TO PUBLIC");

    runScript("roles.sql");

    refused(() -> Sql.run(application, "DELETE FROM \"inbox\".\"outbox\""));
    refused(() -> Sql.run(reader, "UPDATE \"inbox\".\"outbox\" SET \"topic\" = 'other'"));
    Sql.run(application, APPEND);
  }
}
