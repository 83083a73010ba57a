package io.inbox.samples.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sample finds what it seeded, repairs it, and ends clean. */
@Timeout(300)
final class ReconcileSampleTest {
  @TempDir private Path home;

  private record Ended(int code, String out, String err) {}

  private Ended run(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        ReconcileSample.run(
            home,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            args);
    return new Ended(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"h2", "postgres"})
  void endsClean(String database) {
    Ended ended = run("--database", database, "--messages", "300", "--drifts", "3");
    assertThat(ended.code()).as(ended.toString()).isZero();
    assertThat(ended.out().lines().reduce((first, second) -> second))
        .contains("reconcile: OK messages=300 seeded=13 found=13 repaired=6 left=0 books=right");
  }

  @Test
  void runsAgainInTheSameFolder() {
    assertThat(run("--messages", "100", "--drifts", "1").code()).isZero();
    assertThat(run("--messages", "100", "--drifts", "1").code()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"--nonsense", "--database", "--database db2", "--drifts 0", "--messages x"})
  void aWrongOptionIsOneLine(String args) {
    Ended ended = run(args.split(" "));
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.err().lines()).hasSize(1);
    assertThat(ended.out()).isEmpty();
  }
}
