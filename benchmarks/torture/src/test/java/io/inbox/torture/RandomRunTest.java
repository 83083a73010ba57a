package io.inbox.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Random runs, as the command line starts them. */
@Tag("long")
@Timeout(900)
class RandomRunTest {
  @ParameterizedTest
  @CsvSource({
    "postgres18, keys, 60000",
    "postgres18, buckets, 8000",
    "postgres18, shared, 8000",
    "postgres18, queries, 8000",
    "postgres18, watermarks, 8000",
    "h2, keys, 5000"
  })
  void everyInvariantHolds(String database, String mode, String deliveries) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int exit =
        Torture.run(
            new String[] {
              "--deliveries", deliveries, "--seed", "1", "--database", database, "--mode", mode
            },
            new PrintStream(bytes, true, StandardCharsets.UTF_8));
    String told = bytes.toString(StandardCharsets.UTF_8);
    assertThat(exit).as(told).isZero();
    assertThat(told.lines().reduce("", (before, line) -> line))
        .startsWith("torture: OK database=" + database + " mode=" + mode + " seed=1 ");
    assertThat(told).containsPattern("keys collected during the run: [1-9]");
    if (!mode.equals("watermarks")) {
      assertThat(told).contains("the reconciler succeeded last: 2");
    }
  }
}
