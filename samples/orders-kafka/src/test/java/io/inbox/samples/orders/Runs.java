package io.inbox.samples.orders;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Runs the sample in this JVM, with its processes as they are. */
final class Runs {
  private Runs() {}

  /** How a run ended and what it printed. */
  record Ended(int exitCode, String out, String err) {
    String lastLine() {
      List<String> lines = out.lines().toList();
      return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
    }

    void failed(int code, String message) {
      assertThat(exitCode).as(out + err).isEqualTo(code);
      assertThat(err).startsWith("orders: ").contains(message);
      assertThat(err.lines()).hasSize(1);
      assertThat(out).isEmpty();
    }
  }

  static Ended run(Path home, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exitCode =
        new OrdersKafka(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                home)
            .run(args);
    return new Ended(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
