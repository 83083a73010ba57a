package io.inbox.command.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A bar where a person watches, a line now and then elsewhere. */
final class ProgressTest {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final AtomicLong clock = new AtomicLong();

  @Test
  void drawsABarOverItself() {
    Progress progress = progress(true, false);
    progress.at("message", 0.5, 10);
    assertThat(text()).isEmpty();
    pass(Duration.ofSeconds(1));
    progress.at("message", 0.5, 1_000);
    assertThat(text())
        .isEqualTo("\r[###############...............]  message, 50 %, 1,000 rows, 1,000 rows/s");
    progress.clear();
    assertThat(text()).endsWith("\r");
    assertThat(text().lines()).allSatisfy(line -> assertThat(line).doesNotContain("\n"));
  }

  @Test
  void writesALineEveryHalfMinuteWithoutATerminal() {
    Progress progress = progress(false, false);
    for (int second = 0; second < 61; second++) {
      pass(Duration.ofSeconds(1));
      progress.at("message", -1, second);
    }
    progress.clear();
    assertThat(text()).isEqualTo("message, 29 rows, 1 rows/s\nmessage, 59 rows, 1 rows/s\n");
  }

  @Test
  void isSilentIfAskedTo() {
    Progress progress = progress(true, true);
    pass(Duration.ofHours(1));
    progress.at("message", 1, 1);
    progress.clear();
    assertThat(text()).isEmpty();
  }

  private Progress progress(boolean terminal, boolean quiet) {
    PrintStream err = new PrintStream(written, true, StandardCharsets.UTF_8);
    return new Progress(err, terminal, quiet, clock::get);
  }

  private void pass(Duration time) {
    clock.addAndGet(time.toNanos());
  }

  private String text() {
    return written.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }
}
