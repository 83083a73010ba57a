package io.inbox.samples.quickstart;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.error.InboxException;
import io.inbox.migrations.InboxMigrations;
import io.inbox.migrations.MigrationException;
import io.inbox.samples.stage.Sql;
import io.inbox.samples.stage.Stop;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * The launcher: starts a database and consumers, feeds them the stream, and checks the books.
 *
 * <p>Where to start reading: {@link InboxBooking} is what a service does; {@link Broker} is what is
 * done to it.
 */
public final class Quickstart {
  private final PrintStream out;
  private final PrintStream err;
  private final InputStream in;
  private final Path home;
  private final LongConsumer observer;

  Quickstart(InputStream in, PrintStream out, PrintStream err, Path home, LongConsumer observer) {
    this.in = in;
    this.out = out;
    this.err = err;
    this.home = home.toAbsolutePath().normalize();
    this.observer = observer;
  }

  /** Runs with the options given and ends the JVM; the exit code says how it went. */
  public static void main(String[] args) {
    System.setProperty("org.jooq.no-logo", "true");
    System.setProperty("org.jooq.no-tips", "true");
    Path home = Path.of(System.getProperty("quickstart.home", "target/quickstart"));
    int exitCode = new Quickstart(System.in, System.out, System.err, home, settled -> {}).run(args);
    System.out.flush();
    System.err.flush();
    // Everything is closed. After a normal exit Maven's own hooks would write behind the last line.
    Runtime.getRuntime().halt(exitCode);
  }

  /** Runs and returns the exit code. */
  int run(String[] args) {
    try {
      Options options = Options.parse(args);
      if (options.help()) {
        out.print(Options.USAGE);
        return 0;
      }
      Files.createDirectories(home);
      return run(options);
    } catch (Stop e) {
      return failed(String.valueOf(e.getMessage()), e.exitCode());
    } catch (InboxException | MigrationException | SQLException e) {
      return failed("the database: " + Sql.firstLine(e), Stop.DATABASE);
    } catch (IOException | UncheckedIOException e) {
      return failed("in the folder " + home + ": " + Sql.firstLine(e), Stop.DATABASE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return failed("interrupted; run again to go on", Stop.DATABASE);
    }
  }

  private int failed(String message, int exitCode) {
    out.flush();
    err.println("quickstart: " + message);
    err.flush();
    return exitCode;
  }

  private int run(Options options) throws SQLException, IOException, InterruptedException {
    Path file = input(options);
    String name = options.input().filter(i -> !i.equals("-")).orElse(file.getFileName().toString());
    long total = Lines.count(file, name);
    if (total == 0) {
      throw Stop.input(name + " holds no delivery (give one JSON object per line)");
    }
    options.password(); // a missing variable is said before a server is started for nothing
    Verdict verdict;
    try (Host host = Host.of(options, home);
        HikariDataSource database = host.access().pool(8)) {
      InboxMigrations.on(database).migrate();
      try (RunLog log = RunLog.open(database, host.access().postgres())) {
        verdict = handle(new Run(options, file, name, total, host, database, log));
      }
    }
    out.println(verdict.line());
    return verdict.exitCode();
  }

  private record Run(
      Options options,
      Path file,
      String name,
      long total,
      Host host,
      HikariDataSource database,
      RunLog log) {}

  /** The last line and the exit code. */
  private record Verdict(String line, int exitCode) {}

  private Verdict handle(Run run) throws SQLException, InterruptedException {
    Options options = run.options();
    Screen screen = new Screen(out, run.total());
    introduce(run);
    try (Backlog backlog = backlog(run, screen)) {
      Consumer.Setting setting =
          new Consumer.Setting(run.host().access(), options.pointers(), options.withInbox(), 0);
      long settled =
          new Broker(backlog, run.log(), run.host(), setting, screen, run.total(), observer)
              .run(options.consumers());
      Optional<Stop> stop = backlog.stop();
      if (stop.isPresent()) {
        throw Stop.input(
            stop.get().getMessage()
                + "; the "
                + backlog.settled()
                + " deliveries before it are handled and stay so (mend the line, then run again to go on)");
      }
      screen.table(backlog.tally(), settled, options.withInbox());
      return check(run, backlog.tally());
    }
  }

  private void introduce(Run run) {
    Options options = run.options();
    out.println(
        String.format(
            Locale.ROOT,
            "%,d deliveries (%s) for %d consumer processes on %s.",
            run.total(),
            run.name(),
            options.consumers(),
            run.host().describe()));
    out.println(
        (options.withInbox()
                ? "Each handling changes a balance in the transaction that remembers the message; "
                : "WITHOUT the inbox each handling changes a balance and commits; ")
            + "half-way one consumer is killed and started again.");
    out.println("At the end the books are compared with a recount of the input.");
    if (options.input().isEmpty()) {
      out.println(
          "Planted in the stream: repeats, damaged copies, and one webhook that cannot be booked.");
    }
  }

  private Backlog backlog(Run run, Screen screen) throws SQLException {
    Pointers pointers = run.options().pointers();
    String task = (run.options().withInbox() ? "inbox " : "naive ") + pointers;
    Optional<RunLog.Cursor> cursor = run.log().unfinished();
    if (cursor.isPresent()) {
      Lines lines = Lines.open(run.file(), run.name());
      Optional<Backlog> rest =
          cursor.get().task().equals(task)
              ? Backlog.after(cursor.get(), lines, run.name(), pointers)
              : Optional.empty();
      if (rest.isPresent()) {
        screen.say("An unfinished run goes on after line " + cursor.get().line() + ".");
        return rest.get();
      }
      lines.close();
      screen.say("The unfinished run was one of another input or task; this one starts afresh.");
    }
    run.log().startAfresh(task);
    return Backlog.fromTheStart(Lines.open(run.file(), run.name()), run.name(), pointers);
  }

  private static Verdict check(Run run, Tally tally) throws SQLException {
    List<String> differences;
    try (Lines lines = Lines.open(run.file(), run.name())) {
      Recount recount = Recount.of(lines, run.options().pointers(), run.name());
      differences =
          Sql.inTransaction(run.database(), connection -> Audit.of(connection, recount, tally));
    }
    run.log().finish();
    return differences.isEmpty()
        ? new Verdict("exactly-once: OK " + tally.line(), 0)
        : new Verdict(
            "exactly-once: VIOLATED " + tally.line() + ": " + String.join("; ", differences), 1);
  }

  private Path input(Options options) throws IOException {
    if (options.input().isEmpty()) {
      Path file =
          home.resolve("payments-" + options.deliveries() + "-" + options.seed() + ".jsonl");
      PaymentStream.write(file, options.seed(), options.deliveries());
      return file;
    }
    if (!options.input().get().equals("-")) {
      return Path.of(options.input().get());
    }
    Path file = home.resolve("standard-input.jsonl");
    Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
    return file;
  }
}
