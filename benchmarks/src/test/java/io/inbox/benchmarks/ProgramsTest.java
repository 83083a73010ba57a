package io.inbox.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs run; figures of runs this short mean nothing. */
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

  @Test
  void memoryWritesACostForEachOrderOfKeysAndSizeOfBatch(@TempDir Path directory) throws Exception {
    Results results = new Results();

    Memory.run(200_000, 40, 1, results);

    for (String[] figure : new String[][] {{"", "_time_ordered"}, {"_unordered", "_random"}}) {
      assertThat(results.number("cost_200000_vs_1e5" + figure[0]))
          .isEqualTo(
              Stream.of("process", "batch100")
                  .mapToDouble(way -> results.number("cost_200000_vs_1e5_" + way + figure[1]))
                  .max()
                  .orElseThrow())
          .isPositive();
    }
  }

  @Test
  void matrixFillsEveryCell(@TempDir Path directory) throws Exception {
    Results results = new Results();

    Matrix.run(15, results);

    JsonNode cells = written(results, directory).path("matrix").path("cells");
    assertThat(cells.size()).isEqualTo(60);
    for (JsonNode cell : cells) {
      for (String figure :
          new String[] {
            "messages_per_second",
            "p50_ms",
            "p99_ms",
            "wal_bytes_per_message",
            "heap_and_index_bytes_per_key",
            "allocated_bytes_per_message"
          }) {
        assertThat(cell.path(figure).asDouble()).as(figure + " of " + cell).isPositive();
      }
    }
  }

  @Test
  void steadyTakesTenSamples(@TempDir Path directory) throws Exception {
    Results results = new Results();

    Steady.run(240_000, results); // in fewer not every session has every statement after two tenths

    assertThat(written(results, directory).path("steady").path("samples").size()).isEqualTo(10);
  }

  @Test
  void steadyRefusesGrowth() {
    Steady.Sample before = new Steady.Sample(2, 40, 20, 8, 12, 50_000_000);

    new Steady.Sample(10, 48, 25, 8, 14, 57_000_000).expectNoMoreThan(before);
    for (Steady.Sample grown :
        new Steady.Sample[] {
          new Steady.Sample(10, 49, 20, 8, 12, 50_000_000),
          new Steady.Sample(10, 40, 26, 8, 12, 50_000_000),
          new Steady.Sample(10, 40, 20, 9, 12, 50_000_000),
          new Steady.Sample(10, 40, 20, 8, 15, 50_000_000),
          new Steady.Sample(10, 40, 20, 8, 12, 57_000_001)
        }) {
      assertThatThrownBy(() -> grown.expectNoMoreThan(before)).hasMessageContaining("there are");
    }
  }

  @Test
  void cpuCostRuns() throws Exception {
    CpuCost.run(30, 1);
  }

  @Test
  void unknownProgramsAndOptionsAreRefusedWithTheUsage() {
    for (String[] args :
        new String[][] {
          {"speed"},
          {"hotpath", "fast"},
          {"layouts", "1", "2"},
          {"cpu", "0"},
          {"plots", "1"},
          {"memory", "1", "2"}
        }) {
      assertThatThrownBy(() -> Benchmarks.main(args)).hasMessageContaining("usage: ");
    }
  }
}
