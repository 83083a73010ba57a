package io.inbox.samples.stage;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An embedded PostgreSQL 18, kept by a process that stops it as soon as this one is gone. */
public final class PostgresServer implements AutoCloseable {
  private static final int ROUNDS = 3;

  private final Process keeper;
  private final Path folder;
  private final String port;

  private PostgresServer(Process keeper, Path folder, String port) {
    this.keeper = keeper;
    this.folder = folder;
    this.port = port;
  }

  /**
   * Starts a keeper and its server. Leftovers of a server that was killed may hold its shared
   * memory for a moment, so one keeper may fail.
   */
  public static PostgresServer start(Path folder) {
    String answer = "";
    for (int round = 0; round < ROUNDS && !answer.equals(PostgresKeeper.IN_USE); round++) {
      try {
        Process keeper = Children.start(PostgresKeeper.class, List.of(folder.toString()));
        answer = firstLine(keeper);
        if (answer.startsWith(PostgresKeeper.READY)) {
          return new PostgresServer(
              keeper, folder, answer.substring(PostgresKeeper.READY.length()));
        }
        keeper.waitFor();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw Stop.database("interrupted while the embedded PostgreSQL started");
      }
    }
    throw Stop.database(
        "the embedded PostgreSQL did not start: "
            + (answer.isEmpty() ? "its keeper ended" : answer)
            + " (try again; if that does not help, delete the folder "
            + folder
            + ")");
  }

  /** Reads the one line that a keeper writes; empty if it ends without. */
  private static String firstLine(Process keeper) throws IOException {
    @Nullable String line =
        new BufferedReader(new InputStreamReader(keeper.getInputStream(), StandardCharsets.UTF_8))
            .readLine();
    return line == null ? "" : line;
  }

  /** Returns the URL of a database, for the user {@code postgres} without a password. */
  public String url(String database, String application) {
    return "jdbc:postgresql://127.0.0.1:"
        + port
        + "/"
        + database
        + "?user=postgres&sslmode=disable&ApplicationName="
        + application;
  }

  /** Returns what it is, for people. */
  public String describe() {
    return "an embedded PostgreSQL 18 (fsync on), folder " + folder;
  }

  /** Returns whether it is still there, as far as this process can tell without asking it. */
  public boolean alive() {
    return keeper.isAlive();
  }

  @Override
  public void close() {
    try {
      keeper.getOutputStream().close();
      if (!keeper.waitFor(30, TimeUnit.SECONDS)) {
        keeper.destroy();
      }
    } catch (IOException e) {
      keeper.destroy();
    } catch (InterruptedException e) {
      keeper.destroy();
      Thread.currentThread().interrupt();
    }
    if (!keeper.isAlive() && keeper.exitValue() != 0) {
      // Where the keeper was killed, nobody stopped the server.
      PostgresFolder.of(folder).stopLeftOver();
    }
  }
}
