package io.inbox.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of the default run; figures of runs this short mean nothing. */
class ProgramsTest {
  /** Writes results where the programs do, and returns what is in the file. */
  static JsonNode written(Results results, Path directory) throws IOException {
    Path file = directory.resolve("results.json");
    results.write(file);
    return new ObjectMapper().readTree(file.toFile());
  }

  @Test
  void hotPathWritesBothFiguresAndTheSettingsTheyWereTakenWith(@TempDir Path directory)
      throws Exception {
    Results results = new Results();

    HotPath.run(60, 1, results);

    JsonNode written = written(results, directory);
    assertThat(written.path("process_vs_jdbc").asDouble()).isPositive();
    assertThat(written.path("batch100_vs_jdbc").asDouble()).isPositive();
    assertThat(written.path("process_allocated_bytes").asDouble()).isPositive();
    assertThat(written.path("process_vs_jdbc_unbounded").asDouble()).isPositive();
    for (String setting : new String[] {"fsync", "full_page_writes", "synchronous_commit"}) {
      assertThat(written.path("settings").path(setting).asText()).isEqualTo("on");
    }
  }

  @Test
  void watermarkWritesItsFigureAndTheSettingsItWasTakenWith(@TempDir Path directory)
      throws Exception {
    Results results = new Results();

    WatermarkRun.run(60, 1, results);

    JsonNode written = written(results, directory);
    assertThat(written.path("watermark100_vs_nodedupe").asDouble()).isPositive();
    for (String setting : new String[] {"fsync", "full_page_writes", "synchronous_commit"}) {
      assertThat(written.path("watermark").path("settings").path(setting).asText()).isEqualTo("on");
    }
  }

  @Test
  void bucketsWriteTheirFigures(@TempDir Path directory) throws Exception {
    Results results = new Results();

    BucketRun.run(2_000, 60, 1, results);

    JsonNode written = written(results, directory);
    assertThat(written.path("process_buckets_vs_plain").asDouble()).isPositive();
    assertThat(written.path("batch100_buckets_vs_plain").asDouble()).isPositive();
    assertThat(written.path("drop_1e6_ms").asDouble()).isPositive();
    assertThat(written.has("drop_1e6_added_p99_ms")).isTrue();
  }

  @Test
  void outboxWritesItsFiguresAndTheSettingsTheyWereTakenWith(@TempDir Path directory)
      throws Exception {
    Results results = new Results();

    OutboxRun.run(new OutboxEffort(5_000, 1, 20, 20, 2), results);

    JsonNode written = written(results, directory);
    for (String key :
        new String[] {
          "drain_vs_handwritten",
          "drain_1m_vs_100k",
          "drain_with_open_transaction",
          "drain_with_open_append",
          "drain_vs_best_peer",
          "append_vs_bare",
          "idle_to_delivered_p50_ms",
          "idle_to_delivered_p99_ms",
          "idle_to_delivered_notify_p50_ms",
          "idle_to_delivered_notify_p99_ms",
          "idle_queries_per_second"
        }) {
      assertThat(written.path(key).asDouble()).as(key).isPositive();
    }
    for (String setting : new String[] {"fsync", "full_page_writes", "synchronous_commit"}) {
      assertThat(written.path("outbox").path("settings").path(setting).asText()).isEqualTo("on");
    }
  }

  @Test
  void reconcilerWritesItsFiguresAndTheSettingsTheyWereTakenWith(@TempDir Path directory)
      throws Exception {
    Results results = new Results();

    ReconcilerSpeed.run(2_000, results);

    JsonNode written = written(results, directory);
    for (String key :
        new String[] {"reconcile_2000_s", "reconcile_2000_again_s", "reconcile_2000_by_hand_s"}) {
      assertThat(written.path(key).asDouble()).as(key).isPositive();
    }
    for (String setting : new String[] {"fsync", "full_page_writes", "synchronous_commit"}) {
      assertThat(written.path("reconciler").path("settings").path(setting).asText())
          .isEqualTo("on");
    }
  }

  @Test
  void oneShotWritesItsFigures(@TempDir Path directory) throws Exception {
    Results results = new Results();

    OneTripRun.run(60, 1, results);

    JsonNode written = written(results, directory);
    assertThat(written.path("oneshot_vs_jdbc").asDouble()).isPositive();
    assertThat(written.path("oneshot_vs_nodedupe").asDouble()).isPositive();
    assertThat(written.path("oneshot").path("settings").path("fsync").asText()).isEqualTo("on");
  }

  @Test
  void groupCommitWritesItsFigure(@TempDir Path directory) throws Exception {
    Results results = new Results();

    GroupCommitRun.run(60, 1, results);

    JsonNode written = written(results, directory);
    assertThat(written.path("group_vs_single").asDouble()).isPositive();
    assertThat(written.path("group_commit").path("settings").path("fsync").asText())
        .isEqualTo("on");
  }

  @Test
  void duplicatesWritesItsFigure(@TempDir Path directory) throws Exception {
    Results results = new Results();

    DuplicatesRun.run(60, 1, results);

    JsonNode written = written(results, directory);
    assertThat(written.path("dup50_vs_dup0").asDouble()).isPositive();
    assertThat(written.path("duplicates").path("settings").path("fsync").asText()).isEqualTo("on");

    assertThat(Plots.draw(directory.resolve("results.json"), directory.resolve("img")))
        .singleElement()
        .satisfies(
            plot ->
                assertThat(
                        DocumentBuilderFactory.newInstance()
                            .newDocumentBuilder()
                            .parse(plot.toFile())
                            .getElementsByTagName("rect")
                            .getLength())
                    .as("bars")
                    .isEqualTo(5));
  }

  @Test
  void plotsOfNothingAreRefused(@TempDir Path directory) {
    Path none = directory.resolve("results.json");

    assertThatThrownBy(() -> Plots.draw(none, directory)).hasMessageContaining("no results in");
  }
}
