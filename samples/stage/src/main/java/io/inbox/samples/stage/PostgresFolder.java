package io.inbox.samples.stage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Where an embedded server keeps its data from run to run.
 *
 * <p>The file {@code current} names the data directory, and is written when a server has started in
 * it: one whose creation was cut short is never used again, and whatever still writes to it harms
 * nobody.
 */
final class PostgresFolder {
  private static final Duration STOP = Duration.ofSeconds(10);
  private static final Duration CLOCKS_DIFFER_BY = Duration.ofSeconds(10);

  private final Path folder;

  private PostgresFolder(Path folder) {
    this.folder = folder;
  }

  static PostgresFolder of(Path folder) {
    return new PostgresFolder(folder);
  }

  /** Takes the folder for this process, until it ends; returns whether it could. */
  boolean lock() throws IOException {
    return FolderLock.take(folder, STOP).isPresent();
  }

  /** Returns the data directory of earlier runs, or one to be created. */
  Path data() throws IOException {
    Files.createDirectories(folder);
    Optional<Path> current = current();
    Path data = current.orElseGet(() -> folder.resolve("data-" + UUID.randomUUID()));
    try (Stream<Path> found = Files.list(folder)) {
      for (Path other : found.filter(Files::isDirectory).toList()) {
        if (!other.equals(data)) {
          delete(other);
        }
      }
    }
    return data;
  }

  /** Makes a data directory the one that later runs use. */
  void keep(Path data) throws IOException {
    Path draft = folder.resolve("current.draft");
    Files.writeString(draft, data.getFileName().toString());
    Files.move(draft, folder.resolve("current"), StandardCopyOption.REPLACE_EXISTING);
  }

  private Optional<Path> current() {
    try {
      Path data = folder.resolve(Files.readString(folder.resolve("current")).strip());
      return Files.isDirectory(data) ? Optional.of(data) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Stops every server that an earlier run left behind here, and waits until it is gone. */
  void stopLeftOver() {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> found = Files.list(folder)) {
      for (Path data : found.filter(Files::isDirectory).toList()) {
        postmaster(data).ifPresent(PostgresFolder::stop);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the server that runs in a data directory. */
  static Optional<ProcessHandle> postmaster(Path data) {
    try {
      List<String> lines =
          Files.readAllLines(data.resolve("postmaster.pid"), StandardCharsets.ISO_8859_1);
      long pid = Long.parseLong(lines.get(0).strip());
      Instant started = Instant.ofEpochSecond(Long.parseLong(lines.get(2).strip()));
      // The number may belong to another process by now.
      return ProcessHandle.of(pid)
          .filter(ProcessHandle::isAlive)
          .filter(process -> startedAt(process, started));
    } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }

  private static boolean startedAt(ProcessHandle process, Instant time) {
    return process
        .info()
        .startInstant()
        .map(start -> Duration.between(start, time).abs().compareTo(CLOCKS_DIFFER_BY) < 0)
        .orElse(true);
  }

  static void stop(ProcessHandle postmaster) {
    interrupt(postmaster);
    if (!gone(postmaster)) {
      postmaster.destroyForcibly();
      gone(postmaster);
    }
  }

  /** SIGINT: the server drops its connections, writes a checkpoint and ends. */
  private static void interrupt(ProcessHandle postmaster) {
    try {
      new ProcessBuilder("kill", "-INT", Long.toString(postmaster.pid()))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      postmaster.destroy();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean gone(ProcessHandle process) {
    try {
      process.onExit().get(STOP.toSeconds(), TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException | TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static void delete(Path directory) {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException | UncheckedIOException e) {
      // Somebody still writes there; the next run deletes it.
    }
  }
}
