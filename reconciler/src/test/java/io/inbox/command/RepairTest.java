package io.inbox.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code inbox repair}: what would be done is shown, and is done only when told to. */
final class RepairTest {
  private static final String KEYS =
      "SELECT \"message_id\" FROM \"inbox\".\"message\" WHERE \"state\" = 0 ORDER BY \"message_id\"";
  private static final String REPAIRS =
      "SELECT \"action\" || ' ' || \"item\" || ' ' || \"reason\" || ' ' || \"done_by\" FROM \"inbox\".\"repair\" ORDER BY \"id\"";

  private Shop shop;

  @BeforeEach
  void find() throws Exception {
    shop = Shop.migrated();
    shop.handle("payments", "evt_1", "acc_1");
    shop.handle("payments", "evt_2", "acc_1");
    finding("HANDLED_WITHOUT_EFFECT", "evt_1");
    finding("EFFECT_WITHOUT_HANDLING", "evt_9");
  }

  private void finding(String kind, String item) throws SQLException {
    shop.execute(
        "INSERT INTO \"inbox\".\"finding\" (\"digest\", \"check_name\", \"kind\", \"severity\", \"cause\", \"consumer\", \"item\")"
            + " VALUES (STRINGTOUTF8('"
            + item
            + "'), 'books', '"
            + kind
            + "', 'ERROR', 'test', 'payments', '"
            + item
            + "')");
  }

  @Test
  void showsWhatItWouldDo_andDoesItOnceWhenToldTo() throws Exception {
    assertThat(shop.run("repair", "reopen", "1").ended(1).out())
        .contains("REFUSED", "Nothing was changed");
    JsonNode plan = shop.run("repair", "reopen", "1", "--insist", "--json").ended(0).json();
    assertThat(plan.get("applied").asBoolean()).isFalse();
    assertThat(plan.get("items").get(0).get("outcome").asText()).isEqualTo("WOULD_REPAIR");
    assertThat(plan.get("items").get(0).get("before").asText())
        .startsWith("handled at ")
        .contains("a result of 15 bytes", "1 kept message");
    assertThat(shop.column(KEYS)).containsExactly("evt_1", "evt_2");

    String[] apply = {
      "repair",
      "reopen",
      "1",
      "--insist",
      "--apply",
      "--reason",
      "ticket 7",
      "--by",
      "ann",
      "--json"
    };
    JsonNode done = shop.run(apply).ended(0).json();
    assertThat(done.get("repaired").asInt()).isEqualTo(1);
    assertThat(done.get("items").get(0).get("repair").asLong()).isEqualTo(1);
    JsonNode again = shop.run(apply).ended(0).json();
    assertThat(again.get("skipped").asInt()).isEqualTo(1);
    assertThat(shop.column(KEYS)).containsExactly("evt_2");
    assertThat(shop.column(REPAIRS)).containsExactly("RE_OPEN evt_1 ticket 7 ann");
  }

  @Test
  void isToldByTheFileOfChecksWhetherAnEffectIsThere(@TempDir Path folder) throws Exception {
    shop.execute(
        "CREATE TABLE booking (message_id VARCHAR, booked_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP)");
    Path checks = folder.resolve("checks.yaml");
    Files.writeString(
        checks,
        """
        checks:
          - name: books
            consumer: payments
            effects:
              query: SELECT message_id AS "key" FROM booking WHERE booked_at >= :from AND booked_at < :to
          - name: by-file
            consumer: payments
            effects: { stdin: lines }
          - plugin: of-another-jar
        """);
    String[] reopen = {
      "repair", "reopen", "1", "--checks", checks.toString(), "--apply", "--reason", "t"
    };
    String[] backfill = {
      "repair", "backfill", "2", "--checks", checks.toString(), "--apply", "--reason", "t"
    };
    assertThat(shop.run(backfill).ended(1).out()).contains("REFUSED", "there is no effect");
    assertThat(shop.run(reopen).ended(0).out()).contains("REPAIRED");
    assertThat(shop.column(KEYS)).containsExactly("evt_2");

    shop.execute("INSERT INTO booking (message_id) VALUES ('evt_9')");
    assertThat(shop.run(backfill).ended(0).out()).contains("REPAIRED");
    assertThat(shop.column(KEYS)).containsExactly("evt_2", "evt_9");
  }

  @Test
  void recordsAndSendsAgain() throws Exception {
    String[] record = {
      "repair",
      "backfill",
      "--check",
      "books",
      "--kind",
      "EFFECT_WITHOUT_HANDLING",
      "--insist",
      "--apply",
      "--reason",
      "t"
    };
    assertThat(shop.run(record).ended(0).out()).contains("REPAIRED", "handled now");
    assertThat(shop.run(record).ended(0).out()).contains("repaired           0");
    assertThat(shop.column(KEYS)).containsExactly("evt_1", "evt_2", "evt_9");
    long before = shop.column("SELECT \"id\" FROM \"inbox\".\"outbox\"").size();
    String[] again = {
      "repair", "resend", "--consumer", "payments", "--key", "evt_2", "--apply", "--reason", "t"
    };
    assertThat(shop.run(again).ended(0).out()).contains("1 message in the outbox again");
    assertThat(shop.run(again).ended(0).out()).contains("SKIPPED");
    assertThat(shop.column("SELECT \"id\" FROM \"inbox\".\"outbox\"")).hasSize((int) before + 1);
  }

  @Test
  void aReplayNeedsTheHandler() throws Exception {
    shop.fail("payments", "bad_1", 2);
    assertThat(
            shop.run("repair", "replay", "--consumer", "payments", "--key", "bad_1").ended(0).out())
        .contains("WOULD_REPAIR", "ATTEMPTS_EXHAUSTED after 2 attempts")
        .doesNotContain("secret");
    assertThat(
            shop.run(
                    "repair",
                    "replay",
                    "--consumer",
                    "payments",
                    "--key",
                    "bad_1",
                    "--apply",
                    "--reason",
                    "t")
                .out())
        .contains("FAILED");
    assertThat(shop.column(REPAIRS)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "repair reopen | IBX-720",
        "repair reopen 1 --apply | IBX-703",
        "repair backfill --kind X | IBX-720",
        "repair backfill --key a | IBX-720",
        "repair resend 1 --tenant a | IBX-720",
        "repair reopen --check books --limit 0 | IBX-702",
        "repair reopen 1 --checks no/such.yaml | cannot be read",
        "repair reopen one | one",
        "repair | reopen",
        "repair destroy 1 | destroy",
      })
  void badInputIsOneLine(String words, String said) throws Exception {
    assertThat(shop.run(words.split(" ")).refused(2)).contains(said);
    assertThat(shop.column(KEYS)).containsExactly("evt_1", "evt_2");
    assertThat(shop.column(REPAIRS)).isEqualTo(List.of());
  }
}
