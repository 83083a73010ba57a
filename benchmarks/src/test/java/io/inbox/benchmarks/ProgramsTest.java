package io.inbox.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs run; figures of runs this short mean nothing. */
class ProgramsTest {
  @Test
  void hotPathWritesBothFiguresAndTheSettingsTheyWereTakenWith(@TempDir Path directory)
      throws Exception {
    Path file = directory.resolve("results.json");

    Results results = new Results();

    HotPath.run(60, 1, results);
    results.write(file);

    JsonNode written = new ObjectMapper().readTree(file.toFile());
    assertThat(written.path("process_vs_jdbc").asDouble()).isPositive();
    assertThat(written.path("batch100_vs_jdbc").asDouble()).isPositive();
    assertThat(written.path("process_vs_jdbc_unbounded").asDouble()).isPositive();
    for (String setting : new String[] {"fsync", "full_page_writes", "synchronous_commit"}) {
      assertThat(written.path("settings").path(setting).asText()).isEqualTo("on");
    }
  }

  @Test
  void watermarkWritesItsFigureAndTheSettingsItWasTakenWith(@TempDir Path directory)
      throws Exception {
    Path file = directory.resolve("results.json");
    Results results = new Results();

    WatermarkRun.run(60, 1, results);
    results.write(file);

    JsonNode written = new ObjectMapper().readTree(file.toFile());
    assertThat(written.path("watermark100_vs_nodedupe").asDouble()).isPositive();
    for (String setting : new String[] {"fsync", "full_page_writes", "synchronous_commit"}) {
      assertThat(written.path("watermark").path("settings").path(setting).asText()).isEqualTo("on");
    }
  }

  @Test
  void outboxWritesItsFiguresAndTheSettingsTheyWereTakenWith(@TempDir Path directory)
      throws Exception {
    Path file = directory.resolve("results.json");
    Results results = new Results();

    OutboxRun.run(new OutboxEffort(5_000, 1, 20, 20, 2), results);
    results.write(file);

    JsonNode written = new ObjectMapper().readTree(file.toFile());
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
    Path file = directory.resolve("results.json");
    Results results = new Results();

    ReconcilerSpeed.run(2_000, results);
    results.write(file);

    JsonNode written = new ObjectMapper().readTree(file.toFile());
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
    Path file = directory.resolve("results.json");
    Results results = new Results();

    OneTripRun.run(60, 1, results);
    results.write(file);

    JsonNode written = new ObjectMapper().readTree(file.toFile());
    assertThat(written.path("oneshot_vs_jdbc").asDouble()).isPositive();
    assertThat(written.path("oneshot_vs_nodedupe").asDouble()).isPositive();
    assertThat(written.path("oneshot").path("settings").path("fsync").asText()).isEqualTo("on");
  }

  @Test
  void groupCommitWritesItsFigure(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("results.json");
    Results results = new Results();

    GroupCommitRun.run(60, 1, results);
    results.write(file);

    JsonNode written = new ObjectMapper().readTree(file.toFile());
    assertThat(written.path("group_vs_single").asDouble()).isPositive();
    assertThat(written.path("group_commit").path("settings").path("fsync").asText())
        .isEqualTo("on");
  }

  @Test
  void cpuCostRuns() throws Exception {
    CpuCost.run(30, 1);
  }

  @Test
  void unknownProgramsAndOptionsAreRefusedWithTheUsage() {
    for (String[] args :
        new String[][] {{"speed"}, {"hotpath", "fast"}, {"layouts", "1", "2"}, {"cpu", "0"}}) {
      assertThatThrownBy(() -> Benchmarks.main(args)).hasMessageContaining("usage: ");
    }
  }
}
