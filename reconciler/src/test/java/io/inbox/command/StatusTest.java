package io.inbox.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.command.output.Promtool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code inbox status}: what it shows, to whom, and when it wants a person. */
final class StatusTest {
  private Shop shop;

  @TempDir private Path folder;

  @BeforeEach
  void migrate() throws Exception {
    shop = Shop.migrated();
  }

  @Test
  void isCleanWhereNothingHasHappened() {
    Run run = shop.run("status").ended(0);
    assertThat(run.out())
        .contains("tables          inbox.*", "schema version  4", "none has registered yet")
        .contains("Needs attention\n  nothing");
  }

  @Test
  void showsWhatHappenedAndWhatNeedsAPerson() throws Exception {
    shop.handle("payments", "evt_1", "o-1");
    shop.handle("payments", "evt_2", "o-2");
    shop.fail("payments", "evt_3", 2);
    shop.execute(
        "UPDATE \"inbox\".\"outbox\" SET \"appended_at\" = CURRENT_TIMESTAMP - INTERVAL '2' HOUR");
    Run run = shop.run("status").ended(1);
    assertThat(run.out())
        .containsPattern("payments +30 d +- +3")
        .containsPattern("payments +ATTEMPTS_EXHAUSTED +1")
        .containsPattern("waiting +2")
        .containsPattern("oldest +2 h")
        .contains("inbox dead-letters list --consumer payments")
        .contains("messages wait in")
        .doesNotContain("secret");
    assertThat(run.out().lines()).allSatisfy(line -> assertThat(line.length()).isLessThan(101));
  }

  @Test
  void printsOneObjectForPrograms() throws Exception {
    shop.handle("payments", "evt_1", "o-1");
    shop.fail("payments", "evt_3", 2);
    JsonNode json = shop.run("status", "--json").ended(1).json();
    assertThat(json.get("command").asText()).isEqualTo("status");
    assertThat(json.get("schemaVersion").asInt()).isEqualTo(4);
    JsonNode consumer = json.get("consumers").get(0);
    assertThat(consumer.get("consumer").asText()).isEqualTo("payments");
    assertThat(consumer.get("windowSeconds").asLong()).isEqualTo(30 * 86_400);
    assertThat(consumer.get("purgeHorizon").isNull()).isTrue();
    assertThat(consumer.get("keys").asLong()).isEqualTo(2);
    assertThat(consumer.get("keysExact").asBoolean()).isTrue();
    assertThat(json.get("deadLetters").get(0).get("reason").asText())
        .isEqualTo("ATTEMPTS_EXHAUSTED");
    assertThat(json.get("outbox").get("waiting").asLong()).isEqualTo(1);
    assertThat(json.get("outbox").get("topics").get(0).get("topic").asText()).isEqualTo("orders");
    assertThat(json.get("slots").get("total").asInt()).isEqualTo(16);
    assertThat(json.get("attention").get(0).get("area").asText()).isEqualTo("deadLetters");
  }

  @Test
  void showsWhereEachPartitionStands() throws Exception {
    assertThat(shop.run("status").ended(0).out()).contains("no partition has been taken over yet");
    try (Inbox inbox = shop.inbox("payments")) {
      inbox.takeOver("orders", 1);
      inbox.takeOver("orders", 0).process(41, Message.of("evt_1", null), tx -> {});
    }
    JsonNode marks = shop.run("status", "--json").ended(0).json().get("watermarks");
    assertThat(marks).hasSize(2);
    assertThat(marks.get(0).get("consumer").asText()).isEqualTo("payments");
    assertThat(marks.get(0).get("stream").asText()).isEqualTo("orders");
    assertThat(marks.get(0).get("position").asLong()).isEqualTo(41);
    assertThat(marks.get(0).get("movedAt").isNull()).isFalse();
    assertThat(marks.get(1).get("partition").asInt()).isEqualTo(1);
    assertThat(marks.get(1).get("position").isNull()).isTrue();
    assertThat(marks.get(1).get("epoch").asLong()).isEqualTo(1);
    assertThat(shop.run("status").ended(0).out()).containsPattern("payments +orders +0 +41 +1");
  }

  @Test
  void doesNotFailOnTheSchemaBeforeJobsAndFindings() throws Exception {
    shop.execute(
        "DROP TABLE \"inbox\".\"repair\", \"inbox\".\"finding\", \"inbox\".\"hold\", \"inbox\".\"retention\", \"inbox\".\"job\", \"inbox\".\"watermark\"");
    shop.execute("DELETE FROM \"inbox\".\"schema_version\" WHERE \"version\" >= 3");
    JsonNode json = shop.run("status", "--json").ended(0).json();
    assertThat(json.get("schemaVersion").asInt()).isEqualTo(2);
    assertThat(json.get("jobs").isNull()).isTrue();
    assertThat(json.get("findings").isNull()).isTrue();
    assertThat(json.get("watermarks").isNull()).isTrue();
    assertThat(shop.run("status").out()).contains("Jobs: not shown");
  }

  @Test
  void refusesASchemaThatIsMissingOldOrTooNew() throws Exception {
    assertThat(Shop.empty().run("status").refused(3)).contains("IBX-513", "inbox migrate");
    shop.execute("UPDATE \"inbox\".\"schema_version\" SET \"compatible_from\" = 9");
    assertThat(shop.run("status").refused(3)).contains("IBX-516", "newer inbox");
    shop.execute("DELETE FROM \"inbox\".\"schema_version\" WHERE \"version\" > 1");
    assertThat(shop.run("status").refused(3)).contains("IBX-515", "version 1");
    shop.execute("DELETE FROM \"inbox\".\"schema_version\"");
    assertThat(shop.run("status").refused(3)).contains("IBX-514");
  }

  @Test
  void makesNoDatabaseOutOfATypingError() {
    String url = "jdbc:h2:" + folder.resolve("paiments");
    assertThat(Run.of("status", "--url", url).refused(3)).contains("cannot be reached", "paiments");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void replacesTheFileOfMetricsAsAWhole() throws Exception {
    shop.handle("payments", "evt_1", "o-\"1\"\\");
    Path file = Files.writeString(folder.resolve("inbox.prom"), "old");
    shop.run("status", "--prometheus", file.toString()).ended(0);
    String text = Files.readString(file);
    assertThat(text)
        .contains("# TYPE inbox_status_up gauge\n")
        .containsPattern("inbox_status_up\\{database=\"shop[^\"]+\",schema=\"inbox.\\*\"} 1\n")
        .containsPattern("inbox_consumer_keys\\{consumer=\"payments\",database=.*} 1\n")
        .containsPattern("inbox_outbox_waiting\\{.*topic=\"orders\"} 1\n")
        .endsWith("\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r--r--");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void writesMetricsThatPrometheusReads() throws Exception {
    shop.handle("payments", "evt_1", "o-\"1\"\\");
    shop.fail("payments", "evt_3", 2);
    Path file = folder.resolve("inbox.prom");
    shop.run("status", "--prometheus", file.toString()).ended(1);
    Promtool.check(Files.readString(file));
  }

  @Test
  void saysInTheMetricsThatTheDatabaseIsGone() throws Exception {
    Path file = folder.resolve("inbox.prom");
    String url = "jdbc:h2:" + folder.resolve("gone");
    Run.of("status", "--url", url, "--prometheus", file.toString()).refused(3);
    assertThat(Files.readString(file))
        .contains("inbox_status_up{database=\"gone\",schema=\"inbox.*\"} 0");
  }

  @Test
  void refusesAFileOfMetricsItCannotWrite() {
    assertThat(shop.run("status", "--prometheus", folder + "/no/inbox.prom").refused(2))
        .contains("--prometheus", "does not exist");
    assertThat(shop.run("status", "--prometheus", folder.toString()).refused(2))
        .contains("is a folder");
  }
}
