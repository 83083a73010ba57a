package io.inbox.samples.crashpoints;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The sample finds the wrong handler and leaves the right one alone. */
@Timeout(300)
final class CrashPointsSampleTest {
  private record Ended(int code, String out, String err) {}

  private static Ended run(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        CrashPointsSample.run(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            args);
    return new Ended(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void theRightOneHoldsAndTheWrongOneIsCaught() {
    Ended ended = run();
    assertThat(ended.code()).as(ended.toString()).isZero();
    assertThat(ended.out().lines().reduce((first, second) -> second).orElseThrow())
        .matches(
            "crash-points: OK right=clean right_cases=\\d\\d wrong=caught wrong_cases=\\d\\d"
                + " wrong_broken=\\d+ wrong_points=P5,P7,P8");
    assertThat(ended.out())
        .contains("RightPayments on PostgreSQL: the invariant held in all")
        .contains("P8_COMMITTING PROCESS_KILLED")
        .contains("the handler took a connection of its own");
  }

  @Test
  void aWrongOptionIsOneLine() {
    Ended ended = run("--nonsense");
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.err().lines()).hasSize(1);
    assertThat(ended.out()).isEmpty();
    assertThat(run("--help").out()).isEqualTo(CrashPointsSample.USAGE);
  }
}
