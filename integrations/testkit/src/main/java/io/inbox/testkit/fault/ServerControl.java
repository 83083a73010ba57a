package io.inbox.testkit.fault;

import io.inbox.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Stops and starts a {@link PostgresServer} by its own pg_ctl; its port stays. Blocks. */
public final class ServerControl {
  private ServerControl() {}

  /** Ends every process of the server at once, without a checkpoint, and starts it again. */
  public static void restartImmediately(PostgresServer server)
      throws IOException, InterruptedException {
    pgCtl(server, "-m", "immediate", "-w", "restart");
  }

  /** Ends the sessions of the server, lets it write a checkpoint, and starts it again. */
  public static void restartFast(PostgresServer server) throws IOException, InterruptedException {
    pgCtl(server, "-m", "fast", "-w", "restart");
  }

  /** Ends every process of the server at once, without a checkpoint. */
  public static void stop(PostgresServer server) throws IOException, InterruptedException {
    pgCtl(server, "-m", "immediate", "-w", "stop");
  }

  /** Starts a server that was stopped. */
  public static void start(PostgresServer server) throws IOException, InterruptedException {
    pgCtl(server, "-w", "start", "-o", options(server));
  }

  /** What the server was last started with, data directory left out. */
  private static String options(PostgresServer server) throws IOException {
    String started = Files.readString(server.dataDirectory().resolve("postmaster.opts")).trim();
    return started.substring(started.indexOf(" \"") + 1).replaceFirst("\"-D\" \"[^\"]*\"", "");
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
