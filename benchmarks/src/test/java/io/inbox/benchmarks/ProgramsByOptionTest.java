package io.inbox.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs that run only if they are named. */
class ProgramsByOptionTest {
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

    JsonNode cells = ProgramsTest.written(results, directory).path("matrix").path("cells");
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

    assertThat(ProgramsTest.written(results, directory).path("steady").path("samples").size())
        .isEqualTo(10);
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
