package io.inbox.command;

import io.inbox.command.output.Metrics;
import io.inbox.command.output.MetricsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A file of metrics, for the textfile collector of Prometheus' node exporter. */
final class PrometheusOption {
  @Option(
      names = "--prometheus",
      paramLabel = "FILE",
      description = "also write metrics into this file, which is replaced as a whole")
  private @Nullable Path file;

  /** Refuses a file that could not be written later, when the work has been done. */
  void check() {
    if (file == null) {
      return;
    }
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
      throw CommandException.usage(
          "--prometheus "
              + file
              + " cannot be written: its folder does not exist, or is not yours");
    }
    if (Files.isDirectory(file)) {
      throw CommandException.usage("--prometheus " + file + " is a folder (name a file, *.prom)");
    }
  }

  /** Writes what is left to say after a failure, which must not be hidden by one of the file. */
  void write(Metrics metrics, Exception failure) {
    try {
      write(metrics);
    } catch (CommandException e) {
      failure.addSuppressed(e);
    }
  }

  void write(Metrics metrics) {
    if (file == null) {
      return;
    }
    try {
      MetricsFile.replace(file, metrics.text());
    } catch (IOException e) {
      throw CommandException.failed("--prometheus " + file + " cannot be written: " + e, e);
    }
  }
}
