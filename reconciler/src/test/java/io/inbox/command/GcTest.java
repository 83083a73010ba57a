package io.inbox.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.inbox.command.output.Promtool;
import io.inbox.jdbc.PortableStore;
import io.inbox.reconciler.JobOptions;
import io.inbox.reconciler.Jobs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code inbox gc}, {@code holds} and {@code retention} on H2. */
final class GcTest {
  private static final String IDS =
      "SELECT \"message_id\" FROM \"inbox\".\"message\" ORDER BY \"message_id\"";

  private Shop shop;

  @TempDir private Path folder;

  /** Three keys of long ago, of which one has an open letter, and one of today. */
  @BeforeEach
  void handle() throws Exception {
    shop = Shop.migrated();
    for (String id : List.of("old_1", "old_2", "young")) {
      shop.handle("payments", id, "s-" + id);
    }
    shop.fail("payments", "old_3", 2);
    shop.execute(
        "UPDATE \"inbox\".\"message\" SET \"handled_at\" = CURRENT_TIMESTAMP - INTERVAL '40' DAY WHERE \"message_id\" <> 'young'");
    shop.execute(
        "UPDATE \"inbox\".\"consumer\" SET \"registered_at\" = CURRENT_TIMESTAMP - INTERVAL '90' DAY");
  }

  @Test
  void countsWithoutRemovingAndThenRemoves() throws Exception {
    JsonNode counted = shop.run("gc", "--dry-run", "--json").ended(0).json();
    assertThat(counted.get("dryRun").asBoolean()).isTrue();
    assertThat(counted.get("messages").asLong()).isEqualTo(2);
    assertThat(counted.get("results").asLong()).isEqualTo(2);
    assertThat(shop.column(IDS)).hasSize(4);
    assertThat(shop.column("SELECT \"job\" FROM \"inbox\".\"job\"")).isEmpty();

    Run run = shop.run("gc", "--every", "1d").ended(0);
    assertThat(run.out()).containsPattern("keys +2\n").containsPattern("removed in all +\\d");
    assertThat(shop.column(IDS)).containsExactly("old_3", "young");
    assertThat(shop.run("status", "--json").json().get("jobs").get(0).get("overdue").asBoolean())
        .isFalse();
    assertThat(shop.run("gc", "--json").ended(0).json().get("messages").asLong()).isZero();
  }

  @Test
  void saysWhoCollectsAlready() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch enough = new CountDownLatch(1);
    ExecutorService other = Executors.newSingleThreadExecutor();
    Jobs jobs = Jobs.open(PortableStore.create(), shop.dataSource());
    JobOptions options = JobOptions.builder().owner("node-7/4711").build();
    Future<?> first =
        other.submit(
            () ->
                jobs.run(
                    "gc",
                    options,
                    run -> {
                      running.countDown();
                      enough.await();
                      return run;
                    }));
    running.await();
    assertThat(shop.run("gc").refused(4)).contains("job gc", "node-7/4711", "since");
    shop.run("gc", "--dry-run").ended(0);
    JsonNode job = shop.run("status", "--json").json().get("jobs").get(0);
    assertThat(job.get("running").asBoolean()).isTrue();
    assertThat(job.get("owner").asText()).isEqualTo("node-7/4711");
    enough.countDown();
    first.get();
    other.shutdown();
    shop.run("gc").ended(0);
  }

  @Test
  void leavesTheMetricsOfARunThatCollectsAlone() throws Exception {
    Path file = folder.resolve("gc.prom");
    shop.run("gc", "--prometheus", file.toString()).ended(0);
    String text = Files.readString(file);
    Promtool.check(text);
    assertThat(text)
        .containsPattern("inbox_gc_up\\{.*} 1\n")
        .containsPattern("inbox_gc_removed_rows\\{.*table=\"message\"} 2\n");
    shop.run("gc", "--dry-run", "--prometheus", file.toString()).ended(0);
    assertThat(Files.readString(file)).isEqualTo(text);
  }

  @Test
  void stopsAtABudgetAndGoesOn() throws Exception {
    shop.execute(
        "INSERT INTO \"inbox\".\"message\" (\"tenant\", \"consumer\", \"source\", \"message_id\", \"handled_at\")"
            + " SELECT '', 'payments', '', 'm' || X, CURRENT_TIMESTAMP - INTERVAL '40' DAY FROM SYSTEM_RANGE(1, 30000)");
    JsonNode first = shop.run("gc", "--max-rows", "1", "--json", "-q").ended(0).json();
    assertThat(first.get("stopped").asText()).contains("budget");
    assertThat(shop.run("gc", "--max-rows", "1", "-q").out())
        .containsPattern("stopped early +the budget");
    assertThat(shop.run("gc", "--json", "-q").ended(0).json().get("stopped").isNull()).isTrue();
    assertThat(shop.column(IDS)).containsExactly("old_3", "young");
  }

  @Test
  void endsOrderlyWhenItIsToldTo() throws Exception {
    Run run = Run.stopped(Map.of("INBOX_URL", shop.url()), "gc", "--json").ended(0);
    assertThat(run.json().get("stopped").asText()).contains("interrupted");
    assertThat(shop.column("SELECT \"owner\" FROM \"inbox\".\"job\""))
        .containsExactly((String) null);
    assertThat(shop.column("SELECT \"outcome\" FROM \"inbox\".\"job\""))
        .containsExactly("INCOMPLETE");
    shop.run("gc").ended(0);
    assertThat(shop.column(IDS)).containsExactly("old_3", "young");
  }

  @Test
  void holdsBackWhatIsOnHoldUntilItIsReleased() throws Exception {
    JsonNode placed =
        shop.run(
                "holds",
                "place",
                "--subject",
                "s-old_1",
                "--reason",
                "audit",
                "--by",
                "ann",
                "--json")
            .ended(0)
            .json();
    assertThat(placed.get("holds").get(0).get("subject").asText()).isEqualTo("s-old_1");
    shop.run("gc").ended(0);
    assertThat(shop.column(IDS)).containsExactly("old_1", "old_3", "young");
    assertThat(shop.run("holds", "list").ended(0).out())
        .containsPattern("1 +subject s-old_1 +audit +ann");

    assertThat(shop.run("holds", "release", "1").ended(0).out())
        .contains("WOULD_RELEASE", "Nothing was changed");
    assertThat(shop.run("holds", "release", "1", "--apply").refused(2)).contains("IBX-703");
    shop.run("gc").ended(0);
    assertThat(shop.column(IDS)).contains("old_1");

    shop.run("holds", "release", "1", "--apply", "--reason", "case closed", "--by", "bob").ended(0);
    assertThat(
            shop.column(
                "SELECT \"action\" || '|' || \"item\" || '|' || \"reason\" || '|' || \"done_by\" || '|' || \"before\" FROM \"inbox\".\"repair\""))
        .containsExactly("RELEASE_HOLD|hold 1|case closed|bob|subject s-old_1: audit (ann)");
    assertThat(shop.run("holds", "list").out()).contains("none");
    assertThat(shop.run("holds", "list", "--all").out()).contains("audit");
    assertThat(shop.run("holds", "release", "1", "--apply", "--reason", "r").refused(2))
        .contains("IBX-906");
    shop.run("gc").ended(0);
    assertThat(shop.column(IDS)).containsExactly("old_3", "young");
  }

  @Test
  void keepsLongerWhatARuleSays() throws Exception {
    shop.run("retention", "set", "365d", "--consumer", "payments").ended(0);
    assertThat(shop.run("retention", "list").ended(0).out()).containsPattern("payments +- +365 d");
    shop.run("gc").ended(0);
    assertThat(shop.column(IDS)).hasSize(4);
    assertThat(shop.run("retention", "clear", "--consumer", "payments").ended(0).out())
        .contains("Nothing was changed");
    assertThat(shop.run("retention", "list", "--json").json().get("rules")).hasSize(1);
    shop.run("retention", "clear", "--consumer", "payments", "--apply").ended(0);
    assertThat(shop.run("retention", "list").out()).contains("none");
    assertThat(shop.run("retention", "clear", "--consumer", "payments", "--apply").refused(2))
        .contains("IBX-907");
    shop.run("gc").ended(0);
    assertThat(shop.column(IDS)).containsExactly("old_3", "young");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "gc --max-time 0s | IBX-714",
        "gc --max-rows 0 | IBX-714",
        "gc --max-rows many | 'many'",
        "gc --margin 1m | IBX-714",
        "gc --batch-target 1ms | IBX-714",
        "gc --keep-findings 0d | IBX-714",
        "gc --every 0s | IBX-711",
        "gc --dry-rum | did you mean --dry-run?",
        "gc now | Unmatched",
        "gc --prometheus no/such/folder.prom | --prometheus",
        "holds | say what to do: list, place, release",
        "holds place --reason r | say what to hold",
        "holds place --everything --consumer c --reason r | say what to hold",
        "holds place --consumer payments | IBX-703",
        "holds place --message-id= --reason r | IBX-713",
        "holds place --consumer payments --reason r --for 0s | IBX-713",
        "holds release | ID",
        "holds release 9 | IBX-906",
        "retention | say what to do: list, set, clear",
        "retention set 1d | say whose rows",
        "retention set --consumer c | TIME",
        "retention set soon --consumer c | 'soon' is no duration",
        "retention set 0s --consumer c | IBX-713",
        "retention clear | say whose rows",
        "retention clear --everything | IBX-907",
        "findings show 9 | IBX-615",
        "findings resolve 9 | IBX-615",
        "findings resolve --all | IBX-702",
        "findings accept | --all",
        "findings list --state gone | gone",
        "findings list --limit 0 | IBX-702",
      })
  void refuses(String words, String expected) throws Exception {
    assertThat(shop.run(words.split(" ")).refused(2)).contains(expected);
    assertThat(shop.column(IDS)).hasSize(4);
    assertThat(shop.column("SELECT \"job\" FROM \"inbox\".\"job\"")).isEmpty();
  }
}
