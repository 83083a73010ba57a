package io.inbox.samples.stage;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The process that starts an embedded PostgreSQL, says where it listens, and stops it when its own
 * standard input ends: on request, or because the process that started it was killed.
 */
final class PostgresKeeper {
  static final String READY = "ready ";
  static final String IN_USE = "another run is using it (let that end first)";
  private static final List<String> DURABLE =
      List.of("fsync", "full_page_writes", "synchronous_commit");

  private final PostgresFolder folder;
  private volatile boolean mayStop;
  private volatile boolean stopping;
  private final AtomicReference<@Nullable EmbeddedPostgres> server = new AtomicReference<>();

  private PostgresKeeper(PostgresFolder folder) {
    this.folder = folder;
  }

  public static void main(String[] args) throws Exception {
    PostgresKeeper keeper = new PostgresKeeper(PostgresFolder.of(Path.of(args[0])));
    Children.haltWithoutParent(keeper::stop);
    Children.daemon("server", keeper::start);
    keeper.waitForTheEnd();
  }

  private void start() {
    try {
      if (!folder.lock()) {
        throw new IllegalStateException(IN_USE);
      }
      mayStop = true;
      folder.stopLeftOver();
      Path data = folder.data();
      EmbeddedPostgres started = launch(data);
      server.set(started);
      folder.keep(data);
      Children.daemon("server-watch", () -> endWith(data));
      say(READY + started.getPort());
    } catch (IOException | RuntimeException e) {
      say(Sql.firstLine(e));
      stop();
      Runtime.getRuntime().halt(1);
    }
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  /** A server that was killed is of no use to anybody: the launcher sees that this process ends. */
  private void endWith(Path data) {
    PostgresFolder.postmaster(data).ifPresent(postmaster -> postmaster.onExit().join());
    if (!stopping) {
      Runtime.getRuntime().halt(1);
    }
  }

  private static EmbeddedPostgres launch(Path data) throws IOException {
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder()
            .setDataDirectory(data)
            .setCleanDataDirectory(false)
            .setOutputRedirector(ProcessBuilder.Redirect.DISCARD)
            .setErrorRedirector(ProcessBuilder.Redirect.DISCARD);
    DURABLE.forEach(setting -> builder.setServerConfig(setting, "on"));
    return builder.start();
  }

  private void waitForTheEnd() {
    try {
      while (System.in.read() >= 0) {
        // Nothing is ever said on this pipe; its end is the message.
      }
    } catch (IOException e) {
      // The same.
    }
    stop();
    Runtime.getRuntime().halt(0);
  }

  private void stop() {
    stopping = true;
    if (!mayStop) {
      return;
    }
    @Nullable EmbeddedPostgres running = server.get();
    if (running != null) {
      try {
        running.close();
      } catch (IOException | RuntimeException e) {
        // Stopped below.
      }
    }
    folder.stopLeftOver();
    // One that is being created right now has no lock file yet.
    ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
  }
}
