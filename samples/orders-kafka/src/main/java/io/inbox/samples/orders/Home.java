package io.inbox.samples.orders;

import io.inbox.samples.stage.FolderLock;
import io.inbox.samples.stage.Stop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/** Where a run keeps its files: a fresh folder, while no other run is here. */
final class Home implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final String RUN = "run-";

  private final Path folder;
  private final Path run;
  private final FolderLock lock;

  private Home(Path folder, Path run, FolderLock lock) {
    this.folder = folder;
    this.run = run;
    this.lock = lock;
  }

  /** Takes the folder and deletes what earlier runs left in it. */
  static Home take(Path folder) throws IOException {
    FolderLock lock =
        FolderLock.take(folder, PATIENCE)
            .orElseThrow(
                () -> Stop.database("another run is using " + folder + " (let that end first)"));
    try (Stream<Path> found = Files.list(folder)) {
      for (Path old : found.filter(f -> f.getFileName().toString().startsWith(RUN)).toList()) {
        delete(old);
      }
    }
    return new Home(folder, Files.createDirectory(folder.resolve(RUN + UUID.randomUUID())), lock);
  }

  private static void delete(Path directory) {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException | UncheckedIOException e) {
      // A process of a run that was killed still writes there; the next run deletes it.
    }
  }

  /** The folder of this run. */
  Path run() {
    return run;
  }

  /** The folder of a server that later runs use again. */
  Path postgres() {
    return folder.resolve("postgres");
  }

  /**
   * Returns two ports for a broker. They are none that the operating system gives to connections:
   * one of those might be taken while the broker is down.
   */
  static List<Integer> ports() throws IOException {
    int first = freePort(20_000, 25_000);
    return List.of(first, freePort(25_000, 30_000));
  }

  private static int freePort(int from, int to) throws IOException {
    IOException last = new IOException("there is no free port");
    for (int round = 0; round < 100; round++) {
      int port = ThreadLocalRandom.current().nextInt(from, to);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) {
        last = e;
      }
    }
    throw last;
  }

  @Override
  public void close() {
    lock.close();
  }
}
