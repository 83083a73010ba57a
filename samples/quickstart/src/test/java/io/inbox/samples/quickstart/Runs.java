package io.inbox.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongConsumer;

/** Runs the quickstart in this JVM, with its database and consumers as they are. */
final class Runs {
  private final Path home;

  Runs(Path home) {
    this.home = home;
  }

  /** How a run ended and what it printed. */
  record Ended(int exitCode, String out, String err) {
    String lastLine() {
      List<String> lines = out.lines().toList();
      return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
    }

    void isOk(String figures) {
      assertThat(lastLine()).as(out + err).isEqualTo("exactly-once: OK " + figures);
      assertThat(out).endsWith(figures + System.lineSeparator());
      assertThat(exitCode).isZero();
      assertThat(err).isEmpty();
    }

    void isOk() {
      assertThat(lastLine()).as(out + err).startsWith("exactly-once: OK ");
      assertThat(exitCode).isZero();
    }

    void failed(int code, String... parts) {
      assertThat(exitCode).as(out + err).isEqualTo(code);
      assertThat(err).startsWith("quickstart: ").contains(parts).doesNotContain("\tat ");
      assertThat(err.lines()).hasSize(1);
    }
  }

  Ended run(String... args) {
    return run("", settled -> {}, args);
  }

  Ended run(String input, LongConsumer observer, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exitCode =
        new Quickstart(
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                home,
                observer)
            .run(args);
    return new Ended(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
