package io.inbox.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.inbox.jdbc.JdbcTransactions;
import io.inbox.outbox.Outbox;
import io.inbox.postgres.PostgresStore;
import io.inbox.spi.Transactions;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Another process that appends, so that the relay is told by the database and not by its own
 * process. For each line it reads it appends one message and answers with the time at which it did:
 * on Linux and macOS {@code System.nanoTime()} is one clock for all processes. Public because it is
 * started as a program.
 */
public final class RemoteAppender {
  private static final String READY = "ready";

  private final Process process;
  private final BufferedReader answers;
  private final PrintStream orders;

  private RemoteAppender(Process process) {
    this.process = process;
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    this.orders = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
  }

  static RemoteAppender start(String url) throws Exception {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            classPath(),
            RemoteAppender.class.getName(),
            url);
    RemoteAppender appender =
        new RemoteAppender(
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    if (!READY.equals(appender.answers.readLine())) {
      appender.stop();
      throw new IllegalStateException("the appending process did not start, see its message above");
    }
    return appender;
  }

  /** Has one message appended; returns when that was. */
  long append() throws IOException {
    orders.println();
    String answer = answers.readLine();
    if (answer == null) {
      throw new IllegalStateException("the appending process ended, see its message above");
    }
    return Long.parseLong(answer);
  }

  /** Ends the process: it reads to the end of its input. */
  void stop() throws InterruptedException {
    orders.close();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }

  /** Maven starts this program in its own process, with a class loader instead of a class path. */
  static String classPath() throws Exception {
    ClassLoader loader = RemoteAppender.class.getClassLoader();
    if (!(loader instanceof URLClassLoader urls)) {
      return System.getProperty("java.class.path");
    }
    List<String> entries = new ArrayList<>();
    for (URL url : urls.getURLs()) {
      entries.add(Path.of(url.toURI()).toString());
    }
    return String.join(File.pathSeparator, entries);
  }

  /** Appends a message for each line of the input; ends with the input. */
  public static void main(String[] args) throws Exception {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(args[0]);
    config.setMaximumPoolSize(2);
    try (HikariDataSource pool = new HikariDataSource(config);
        Outbox outbox = Outbox.open(PostgresStore.create(), pool)) {
      Transactions transactions = JdbcTransactions.on(pool);
      BufferedReader input =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      System.out.println(READY);
      for (@Nullable String line = input.readLine(); line != null; line = input.readLine()) {
        long committing =
            transactions.inTransaction(
                unit -> {
                  outbox.in(unit).append(LibraryOutbox.message(0));
                  return System.nanoTime();
                });
        System.out.println(committing);
      }
    }
  }
}
