package io.inbox.postgres;

import io.inbox.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Stops and starts a server the hard way, by its own pg_ctl. */
final class ServerControl {
  private ServerControl() {}

  /** Ends every process of the server at once, without a checkpoint, and starts it again. */
  static void restartImmediately(PostgresServer server) throws IOException, InterruptedException {
    pgCtl(server, "-m", "immediate", "-w", "restart");
  }

  static void stop(PostgresServer server) throws IOException, InterruptedException {
    pgCtl(server, "-m", "immediate", "-w", "stop");
  }

  private static void pgCtl(PostgresServer server, String... options)
      throws IOException, InterruptedException {
    Path data = server.dataDirectory();
    String running = Files.readString(data.resolve("postmaster.opts"));
    Path postgres = Path.of(running.substring(0, running.indexOf(" \"")).trim());
    List<String> command = new ArrayList<>();
    if (System.getProperty("user.name").equals("root")) {
      command.addAll(List.of("unshare", "-U")); // PostgreSQL refuses to run as root
    }
    command.addAll(
        List.of(postgres.resolveSibling("pg_ctl").toString(), "-D", data.toString(), "-s"));
    command.addAll(Arrays.asList(options));
    Path log = data.resolveSibling(data.getFileName() + ".restart.log");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException("pg_ctl " + List.of(options) + " failed: " + Files.readString(log));
    }
  }
}
