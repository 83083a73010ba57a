package io.inbox.reconciler;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.reconciler.JobResult.Done;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A collector in a process of its own, which says a line after each batch and one at its end, and
 * ends when the process that started it does.
 */
final class CollectorProcess implements AutoCloseable {
  private static final String BATCH = "batch";
  private static final String DONE = "done";

  private final Process process;
  private final BufferedReader lines;

  private CollectorProcess(Process process) {
    this.process = process;
    this.lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  static CollectorProcess start(Platform platform, String url) throws IOException {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return new CollectorProcess(
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-cp",
                classPath,
                CollectorProcess.class.getName(),
                platform.name(),
                url)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start());
  }

  /** Waits for batches; returns false if the collector came to its end before. */
  boolean awaitBatches(int count) throws IOException {
    for (int seen = 0; seen < count; ) {
      String line = lines.readLine();
      if (line == null) {
        throw new AssertionError("the collector's process ended by itself");
      }
      if (line.equals(DONE)) {
        return false;
      }
      seen += line.equals(BATCH) ? 1 : 0;
    }
    return true;
  }

  /** By SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }

  /** Collects, as soon as nobody else does. */
  public static void main(String[] args) throws Exception {
    Thread parent =
        new Thread(
            () -> {
              try {
                while (System.in.read() >= 0) {
                  // Only its end matters.
                }
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              } finally {
                Runtime.getRuntime().halt(9);
              }
            });
    parent.setDaemon(true);
    parent.start();
    try (HikariDataSource pool = Platform.pool(args[1], 2)) {
      Collector collector =
          Collector.builder(Platform.valueOf(args[0]).store(), pool)
              .batchTarget(Duration.ofMillis(5))
              .lease(Duration.ofSeconds(2))
              .progress(progress -> say(BATCH))
              .build();
      Fixture.await("the job is free", () -> collector.run() instanceof Done);
      say(DONE);
    }
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
