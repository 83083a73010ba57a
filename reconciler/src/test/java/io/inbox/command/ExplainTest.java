package io.inbox.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code inbox explain}: what is known about a key, and what its next delivery would be. */
final class ExplainTest {
  private Shop shop;

  @BeforeEach
  void handle() throws Exception {
    shop = Shop.migrated();
    shop.handle("payments", "evt_1", "o-1");
    shop.handle("payments", "evt_2", "o-1");
    shop.handle("mails", "evt_1", "o-1");
    shop.fail("payments", "evt_3", 2);
    shop.fail("payments", "evt_4", 1);
  }

  @Test
  void tellsWhatWasHandled() {
    Run run = shop.run("explain", "evt_1", "--consumer", "payments").ended(0);
    assertThat(run.out())
        .contains("payments/evt_1")
        .containsPattern("state +handled")
        .containsPattern("subject +o-1")
        .containsPattern("its signature is valid +yes")
        .containsPattern("next delivery is +Duplicate")
        .containsPattern("waiting +orders +o-1")
        .doesNotContain("mails/evt_1");
    JsonNode both = shop.run("explain", "evt_1", "--json").ended(0).json();
    assertThat(both.get("keys")).hasSize(2);
    JsonNode key = both.get("keys").get(1);
    assertThat(key.get("consumer").asText()).isEqualTo("payments");
    assertThat(key.get("correlationId").asText()).isEqualTo("c-evt_1");
    assertThat(key.get("windowSeconds").asLong()).isEqualTo(30 * 86_400);
    assertThat(key.get("keptUntil").isTextual()).isTrue();
    assertThat(key.get("resultSignatureValid").asBoolean()).isTrue();
    assertThat(key.get("kept")).hasSize(1);
    assertThat(both.get("outbox")).hasSize(2);
    assertThat(both.get("notVisible")).isEmpty();
  }

  @Test
  void seesAResultThatSomebodyChanged() throws Exception {
    shop.execute("UPDATE \"inbox\".\"result\" SET \"result\" = X'00' WHERE \"consumer\" = 'mails'");
    JsonNode key =
        shop.run("explain", "evt_1", "--consumer", "mails", "--json").json().get("keys").get(0);
    assertThat(key.get("resultSignatureValid").asBoolean(true)).isFalse();
  }

  @Test
  void tellsWhatWasGivenUpAndWhatFailed() {
    JsonNode given = shop.run("explain", "evt_3", "--json").ended(0).json().get("keys").get(0);
    assertThat(given.get("state").asText()).isEqualTo("given up");
    assertThat(given.get("nextDelivery").asText()).isEqualTo("DeadLettered");
    assertThat(given.get("deadLetters").get(0).get("reason").asText())
        .isEqualTo("ATTEMPTS_EXHAUSTED");
    JsonNode failed = shop.run("explain", "evt_4", "--json").ended(0).json().get("keys").get(0);
    assertThat(failed.get("state").asText()).isEqualTo("not known");
    assertThat(failed.get("attempts").asInt()).isEqualTo(1);
    assertThat(failed.get("lastError").asText()).contains("account closed");
    assertThat(failed.get("nextDelivery").asText()).isEqualTo("First");
    assertThat(failed.get("nextDeliveryBecause").asText()).contains("attempt 2");
  }

  @Test
  void saysWhyAMessageWouldLieOutsideTheWindow() throws Exception {
    shop.execute(
        "UPDATE \"inbox\".\"consumer\" SET \"purge_horizon\" = TIMESTAMP WITH TIME ZONE '2020-01-02 00:00:00Z', \"dedupe_window_seconds\" = 3000000000 WHERE \"consumer\" = 'payments'");
    assertThat(next("2020-01-01T00:00:00Z")).contains("OutsideWindow", "PURGED");
    assertThat(next("2020-01-03T00:00:00Z")).startsWith("First");
    shop.execute("UPDATE \"inbox\".\"consumer\" SET \"dedupe_window_seconds\" = 60");
    assertThat(next("2020-01-03T00:00:00Z")).contains("OutsideWindow", "TOO_OLD");
    assertThat(shop.run("explain", "new", "--consumer", "payments").ended(0).out())
        .contains("First", "OutsideWindow instead");
    assertThat(shop.run("explain", "new", "--consumer", "unknown").ended(0).out())
        .contains("First", "no consumer of that name");
    assertThat(shop.run("explain", "new").ended(0).out()).contains("No key of the inbox has");
  }

  private String next(String time) {
    JsonNode key =
        shop.run("explain", "new", "--consumer", "payments", "--time", time, "--json")
            .ended(0)
            .json()
            .get("keys")
            .get(0);
    return key.get("nextDelivery").asText() + " " + key.get("nextDeliveryBecause").asText();
  }

  @Test
  void findsKeysBySubjectAndByCorrelationId() {
    assertThat(shop.run("explain", "--subject", "o-1", "--json").ended(0).json().get("keys"))
        .hasSize(3);
    JsonNode some = shop.run("explain", "--subject", "o-1", "--limit", "2", "--json").json();
    assertThat(some.get("keys")).hasSize(2);
    assertThat(some.get("more").asBoolean()).isTrue();
    JsonNode tied = shop.run("explain", "--correlation-id", "c-evt_2", "--json").json();
    assertThat(tied.get("keys").get(0).get("messageId").asText()).isEqualTo("evt_2");
    assertThat(tied.get("outbox")).hasSize(1);
  }

  @Test
  void findsAMessageOfTheOutboxByItsOwnId() throws Exception {
    String id = shop.column("SELECT \"message_id\" FROM \"inbox\".\"outbox\" LIMIT 1").get(0);
    assertThat(shop.run("explain", id, "--json").ended(0).json().get("outbox")).hasSize(1);
  }

  @Test
  void tellsFindingsRepairsAndHolds() throws Exception {
    shop.execute(
        "INSERT INTO \"inbox\".\"finding\" (\"digest\", \"check_name\", \"kind\", \"severity\", \"cause\", \"consumer\", \"item\") VALUES (X'01', 'payments-booked', 'MISSING', 'ERROR', 'no booking', 'payments', 'evt_1')");
    shop.execute(
        "INSERT INTO \"inbox\".\"repair\" (\"action\", \"consumer\", \"item\", \"reason\", \"done_by\") VALUES ('REOPEN', 'payments', 'evt_1', 'lost', 'ann')");
    shop.execute(
        "INSERT INTO \"inbox\".\"hold\" (\"consumer\", \"subject\", \"reason\", \"placed_by\") VALUES ('payments', 'o-1', 'audit', 'ann')");
    JsonNode key =
        shop.run("explain", "evt_1", "--consumer", "payments", "--json").json().get("keys").get(0);
    assertThat(key.get("findings").get(0).get("cause").asText()).isEqualTo("no booking");
    assertThat(key.get("repairs").get(0).get("action").asText()).isEqualTo("REOPEN");
    assertThat(key.get("holds").get(0).get("reason").asText()).isEqualTo("audit");
    assertThat(shop.run("explain", "evt_1", "--consumer", "mails").out())
        .doesNotContain("no booking", "audit");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "explain | KEY, or --subject",
        "explain a --subject b | KEY, or --subject",
        "explain a b | Unmatched",
        "explain a --limit 0 | 1 to 1,000",
        "explain a --time yesterday | 'yesterday'",
        "explain a --timeout soon | 'soon' is no duration",
      })
  void refuses(String words, String expected) {
    assertThat(shop.run(words.split(" ")).refused(2)).contains(expected);
  }
}
