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
  @CsvSource({"postgres18, 60000", "h2, 5000"})
  void everyInvariantHolds(String database, String deliveries) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int exit =
        Torture.run(
            new String[] {"--deliveries", deliveries, "--seed", "1", "--database", database},
            new PrintStream(bytes, true, StandardCharsets.UTF_8));
    String told = bytes.toString(StandardCharsets.UTF_8);
    assertThat(exit).as(told).isZero();
    assertThat(told.lines().reduce("", (before, line) -> line))
        .startsWith("torture: OK database=" + database + " mode=keys seed=1 ");
    assertThat(told)
        .containsPattern("keys collected during the run: [1-9]")
        .contains("the reconciler succeeded last: 2");
  }
}
