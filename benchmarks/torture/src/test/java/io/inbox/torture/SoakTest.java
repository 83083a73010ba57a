package io.inbox.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs without faults, as the command line starts them. */
class SoakTest {
  @Test
  @Tag("long")
  @Timeout(300)
  void nothingGrowsAndTheBooksAreRight() {
    List<String> told = run(0, "--soak", "30s", "--seed", "1", "--database", "postgres18");
    assertThat(told.get(told.size() - 1))
        .as(String.join("\n", told))
        .startsWith("soak: OK database=postgres18 minutes=0.5 seed=1 deliveries=");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --soak 0                   | --soak is 0, it must be a time from 30s to 48h, such as 30m
          --soak x                   | --soak is x, it must be a time from 30s to 48h, such as 30m
          --soak 29s                 | --soak is 29s, it must be a time from 30s to 48h, such as 30m
          --soak -1m                 | --soak is -1m, it must be a time from 30s to 48h, such as 30m
          --soak 49h                 | --soak is 49h, it must be a time from 30s to 48h, such as 30m
          --soak                     | --soak needs a value, or is not known (try --help)
          --soak 30m --faults 3      | --faults does not go with --soak, which has its own rate and no faults
          --workers 2 --soak 30m     | --workers does not go with --soak, which has its own rate and no faults
          --soak 30m --database h2   | --soak does not run on h2, it must be one of [postgres18, postgres14]
          --soak 30m --database h3   | --database is h3, it must be one of [postgres18, postgres14, h2]
          """)
  void wrongOptionsAreRefusedInOneLine(String options, String line) {
    assertThat(run(2, options.split(" ", -1))).containsExactly("torture: " + line);
  }

  private static List<String> run(int exit, String... options) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int code = Torture.run(options, new PrintStream(bytes, true, StandardCharsets.UTF_8));
    String told = bytes.toString(StandardCharsets.UTF_8);
    assertThat(code).as(told).isEqualTo(exit);
    return told.lines().toList();
  }
}
