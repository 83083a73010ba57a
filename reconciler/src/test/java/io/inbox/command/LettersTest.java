package io.inbox.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code inbox dead-letters}: what is listed and shown, and what is changed only if told to. */
final class LettersTest {
  private static final String STATES =
      "SELECT \"state\" FROM \"inbox\".\"dead_letter\" ORDER BY \"id\"";
  private static final String OUTBOX_STATES =
      "SELECT \"state\" FROM \"inbox\".\"outbox_dead_letter\" ORDER BY \"id\"";

  private Shop shop;

  @TempDir private Path folder;

  @BeforeEach
  void giveUp() throws Exception {
    shop = Shop.migrated();
    shop.fail("payments", "evt_1", 2);
    shop.fail("payments", "bad_2", 2);
    shop.fail("mails", "evt_1", 2);
  }

  @Test
  void listsWithoutPayloadsPageByPage() {
    Run all = shop.run("dead-letters", "list").ended(0);
    assertThat(all.out())
        .containsPattern("1 +payments +evt_1 +ATTEMPTS_EXHAUSTED +2")
        .containsPattern("3 +mails")
        .doesNotContain("secret");
    JsonNode page = shop.run("dead-letters", "list", "--limit", "2", "--json").ended(0).json();
    assertThat(page.get("letters")).hasSize(2);
    assertThat(page.get("nextAfter").asLong()).isEqualTo(2);
    JsonNode rest =
        shop.run("dead-letters", "list", "--limit", "2", "--after", "2", "--json").ended(0).json();
    assertThat(rest.get("letters")).hasSize(1);
    assertThat(rest.get("letters").get(0).get("consumer").asText()).isEqualTo("mails");
    assertThat(rest.get("nextAfter").isNull()).isTrue();
    assertThat(shop.run("dead-letters", "list", "--consumer", "mails").out())
        .doesNotContain("payments");
    assertThat(shop.run("dead-letters", "list", "--because", "MISMATCH").out()).contains("none");
  }

  @Test
  void showsALetterAndItsPayloadOnlyIfAskedFor() throws Exception {
    Run shown = shop.run("dead-letters", "show", "1").ended(0);
    assertThat(shown.out())
        .contains("evt_1", "account closed second line", "s-evt_1")
        .doesNotContain("secret");
    JsonNode json = shop.run("dead-letters", "show", "1", "--payload", "--json").ended(0).json();
    assertThat(json.get("payloadBytes").asInt()).isEqualTo(15);
    assertThat(json.get("payloadBase64").binaryValue()).isEqualTo(Shop.bytes("secret of evt_1"));
    Path file = folder.resolve("payload");
    shop.run("dead-letters", "show", "1", "--payload-to", file.toString()).ended(0);
    assertThat(file).hasContent("secret of evt_1");
    assertThat(shop.run("dead-letters", "show", "1", "--payload-to", file.toString()).refused(2))
        .contains("--payload-to");
  }

  @Test
  void discardsOnlyWhenToldTo() throws Exception {
    assertThat(shop.run("dead-letters", "discard", "1", "3").ended(0).out())
        .contains("WOULD_DISCARD", "Nothing was changed", "--apply");
    assertThat(shop.column(STATES)).containsExactly("OPEN", "OPEN", "OPEN");
    assertThat(shop.run("dead-letters", "discard", "1", "--apply").refused(2)).contains("IBX-703");
    assertThat(shop.column(STATES)).containsExactly("OPEN", "OPEN", "OPEN");
    JsonNode json =
        shop.run(
                "dead-letters",
                "discard",
                "1",
                "3",
                "--apply",
                "--json",
                "--by",
                "ann",
                "--reason",
                "refunded, ticket 4711")
            .ended(0)
            .json();
    assertThat(json.get("done").asInt()).isEqualTo(2);
    assertThat(shop.column(STATES)).containsExactly("DISCARDED", "OPEN", "DISCARDED");
    assertThat(shop.column("SELECT \"resolution\" FROM \"inbox\".\"dead_letter\" WHERE \"id\" = 1"))
        .containsExactly("refunded, ticket 4711 (ann)");
    assertThat(shop.run("dead-letters", "discard", "1", "--apply", "--reason", "r").refused(2))
        .contains("IBX-704");
    assertThat(shop.run("dead-letters", "list", "--state", "discarded").out())
        .containsPattern("1 +payments");
  }

  @Test
  void endsAllOfASelectionUpToANumber() throws Exception {
    assertThat(shop.run("dead-letters", "discard", "--all", "--consumer", "payments").refused(2))
        .contains("IBX-702", "--limit");
    assertThat(shop.run("dead-letters", "discard").refused(2)).contains("--all");
    assertThat(shop.run("dead-letters", "discard", "1", "--all", "--limit", "9").refused(2))
        .contains("--all");
    shop.run(
            "dead-letters",
            "discard",
            "--all",
            "--limit",
            "9",
            "--consumer",
            "payments",
            "--apply",
            "--reason",
            "r")
        .ended(0);
    assertThat(shop.column(STATES)).containsExactly("DISCARDED", "DISCARDED", "OPEN");
  }

  @Test
  void doesNothingIfOneOfSeveralIsUnknown() throws Exception {
    assertThat(
            shop.run("dead-letters", "discard", "1", "77", "--apply", "--reason", "r").refused(2))
        .contains("IBX-705", "77");
    assertThat(shop.column(STATES)).containsExactly("OPEN", "OPEN", "OPEN");
  }

  @Test
  void saysWhatToDoWithoutAHandler() throws Exception {
    assertThat(shop.run("dead-letters", "replay", "1").refused(2))
        .contains("IBX-904", "payments", "--plugins", "Inbox.deadLetters().replay");
    assertThat(shop.column(STATES)).containsExactly("OPEN", "OPEN", "OPEN");
  }

  @Test
  void replaysThroughTheHandlerOfAPlugin() throws Exception {
    shop.execute("CREATE TABLE BOOKED (ID VARCHAR)");
    String plugins = Files.createDirectory(folder.resolve("plugins")).toString();
    PluginJar.handler(Path.of(plugins), folder);
    String[] words = {
      "dead-letters", "replay", "--plugins", plugins, "--handler-option", "table=BOOKED",
    };
    assertThat(shop.run(with(words, "1", "2")).ended(0).out()).contains("WOULD_REPLAY");
    assertThat(shop.run(with(words, "1", "3", "--apply", "--reason", "r")).refused(2))
        .contains("IBX-904", "mails");
    assertThat(shop.column(STATES)).containsExactly("OPEN", "OPEN", "OPEN");

    Run run = shop.run(with(words, "1", "2", "--apply", "--reason", "account open again"));
    assertThat(run.ended(1).out())
        .containsPattern("1 +payments +ATTEMPTS_EXHAUSTED evt_1 +REPLAYED")
        .containsPattern("2 +payments +ATTEMPTS_EXHAUSTED bad_2 +FAILED +.*still closed");
    assertThat(shop.column(STATES)).containsExactly("REPLAYED", "OPEN", "OPEN");
    assertThat(shop.column("SELECT ID FROM BOOKED")).containsExactly("evt_1");
    // As the service would have done it: with its fingerprint, and its window left alone.
    assertThat(
            shop.column(
                "SELECT \"fingerprint\" IS NOT NULL FROM \"inbox\".\"message\" WHERE \"consumer\" = 'payments' AND \"message_id\" = 'evt_1'"))
        .containsExactly("TRUE");
    assertThat(
            shop.column(
                "SELECT \"dedupe_window_seconds\" FROM \"inbox\".\"consumer\" WHERE \"consumer\" = 'payments'"))
        .containsExactly(String.valueOf(30 * 86_400));
  }

  @Test
  void requeuesAndDiscardsWhatRelaysGaveUp() throws Exception {
    shop.handle("payments", "evt_8", "o-8");
    shop.handle("payments", "evt_9", "o-9");
    shop.giveUpTheOutbox();
    assertThat(shop.run("dead-letters", "list", "--outbox").ended(0).out())
        .containsPattern("orders +o-8 +REJECTED")
        .contains("too large");
    assertThat(
            shop.run("dead-letters", "show", "--outbox", "1", "--json")
                .ended(0)
                .json()
                .get("causationId")
                .asText())
        .startsWith("evt_");
    shop.run("dead-letters", "replay", "--outbox", "1").ended(0);
    assertThat(shop.column(OUTBOX_STATES)).containsExactly("OPEN", "OPEN");
    String[] reason = {"--apply", "--reason", "larger now"};
    assertThat(shop.run(with(reason, "dead-letters", "replay", "--outbox", "1")).ended(0).out())
        .contains("REQUEUED");
    shop.run(with(reason, "dead-letters", "discard", "--outbox", "2")).ended(0);
    assertThat(shop.column(OUTBOX_STATES)).containsExactly("REQUEUED", "DISCARDED");
    assertThat(shop.column("SELECT COUNT(*) FROM \"inbox\".\"outbox\"")).containsExactly("1");
    assertThat(shop.run("dead-letters", "list", "--outbox", "--state", "requeued").out())
        .contains("orders");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "list --state closed | say open, replayed",
        "list --state requeued | say replayed",
        "list --outbox --state replayed | say requeued",
        "list --limit 0 | IBX-702",
        "list --limit 1001 | IBX-702",
        "list --limit many | 'many'",
        "list --topic orders | --topic is about the outbox",
        "list --outbox --consumer payments | --consumer is about the inbox",
        "show | ID",
        "show 77 | IBX-705",
        "show one | 'one'",
        "discard one | 'one'",
        "discard --all --limit 100001 | IBX-702",
        "replay 1 --limit 3 | --all",
        "replay 1 --handler-option novalue | KEY=VALUE",
        "replay 1 --handler-options-file no-such-file | --handler-options-file cannot be read",
        "lost | lost",
      })
  void refuses(String words, String expected) throws Exception {
    assertThat(shop.run(("dead-letters " + words).split(" ")).refused(2)).contains(expected);
    assertThat(shop.column(STATES)).isEqualTo(List.of("OPEN", "OPEN", "OPEN"));
  }

  private static String[] with(String[] words, String... more) {
    boolean options = words[0].startsWith("--");
    return Stream.of(options ? more : words, options ? words : more)
        .flatMap(Stream::of)
        .toArray(String[]::new);
  }
}
