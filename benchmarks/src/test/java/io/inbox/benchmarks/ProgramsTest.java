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

    HotPath.run(60, 1, file);

    JsonNode results = new ObjectMapper().readTree(file.toFile());
    assertThat(results.path("process_vs_jdbc").asDouble()).isPositive();
    assertThat(results.path("batch100_vs_jdbc").asDouble()).isPositive();
    assertThat(results.path("process_vs_jdbc_unbounded").asDouble()).isPositive();
    for (String setting : new String[] {"fsync", "full_page_writes", "synchronous_commit"}) {
      assertThat(results.path("settings").path(setting).asText()).isEqualTo("on");
    }
  }

  @Test
  void cpuCostRuns() throws Exception {
    CpuCost.run(30, 1);
  }

  @Test
  void unknownProgramsAndOptionsAreRefusedWithTheUsage() {
    for (String[] args :
        new String[][] {{"speed"}, {"hotpath", "fast"}, {"layouts", "1", "2"}, {"cpu", "0"}}) {
      assertThatThrownBy(() -> Benchmarks.main(args)).hasMessageContaining("usage: hotpath");
    }
  }
}
