package io.inbox.samples.quickstart;

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
final class PostgresHost implements Host {
  private final Process keeper;
  private final Path folder;
  private final Access access;

  private PostgresHost(Process keeper, Path folder, Access access) {
    this.keeper = keeper;
    this.folder = folder;
    this.access = access;
  }

  static PostgresHost start(Path folder) {
    try {
      Process keeper = Children.start(PostgresKeeper.class, List.of(folder.toString()));
      // The pipe is read to the end of the line only, and the keeper writes one line.
      @Nullable String answer =
          new BufferedReader(new InputStreamReader(keeper.getInputStream(), StandardCharsets.UTF_8))
              .readLine();
      if (answer == null || !answer.startsWith(PostgresKeeper.READY)) {
        keeper.destroy();
        throw Stop.database(
            "the embedded PostgreSQL did not start: "
                + (answer == null ? "its keeper ended" : answer)
                + " (try again; if that does not help, delete the folder "
                + folder
                + ")");
      }
      String port = answer.substring(PostgresKeeper.READY.length());
      String url =
          "jdbc:postgresql://127.0.0.1:"
              + port
              + "/postgres?sslmode=disable&ApplicationName=inbox-quickstart";
      return new PostgresHost(keeper, folder, new Access(url, "postgres", ""));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String describe() {
    return "an embedded PostgreSQL 18 (fsync on), folder " + folder;
  }

  @Override
  public Access access() {
    return access;
  }

  @Override
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
