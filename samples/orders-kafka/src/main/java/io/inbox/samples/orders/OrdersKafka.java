package io.inbox.samples.orders;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.error.InboxException;
import io.inbox.migrations.MigrationException;
import io.inbox.samples.stage.Sql;
import io.inbox.samples.stage.Stop;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The launcher: starts the databases, the broker and the services, sends orders, kills, and checks
 * the books.
 *
 * <p>Where to start reading: {@link OrderService} and {@link PaymentService}, then {@link
 * InboxIntake}; {@link Run} is what is done to them.
 */
public final class OrdersKafka {
  private final PrintStream out;
  private final PrintStream err;
  private final Path folder;

  OrdersKafka(PrintStream out, PrintStream err, Path folder) {
    this.out = out;
    this.err = err;
    this.folder = folder.toAbsolutePath().normalize();
  }

  /** Runs with the options given and ends the JVM; the exit code says how it went. */
  public static void main(String[] args) {
    System.setProperty("org.jooq.no-logo", "true");
    System.setProperty("org.jooq.no-tips", "true");
    Path folder = Path.of(System.getProperty("orders-kafka.home", "target/orders-kafka"));
    int exitCode = new OrdersKafka(System.out, System.err, folder).run(args);
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
      Verdict verdict;
      try (Home home = Home.take(folder);
          Databases databases =
              options.postgres() ? Databases.postgres(home.postgres()) : Databases.h2(home.run())) {
        verdict = run(options, home, databases);
      }
      out.println(verdict.line());
      return verdict.exitCode();
    } catch (Stop e) {
      return failed(String.valueOf(e.getMessage()), e.exitCode());
    } catch (InboxException | MigrationException | SQLException e) {
      return failed("the database: " + Sql.firstLine(e), Stop.DATABASE);
    } catch (IOException | UncheckedIOException e) {
      return failed("in the folder " + folder + ": " + Sql.firstLine(e), Stop.DATABASE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return failed("interrupted; run again", Stop.DATABASE);
    }
  }

  private int failed(String message, int exitCode) {
    out.flush();
    err.println("orders: " + message);
    err.flush();
    return exitCode;
  }

  /** The last line and the exit code. */
  private record Verdict(String line, int exitCode) {}

  private Verdict run(Options options, Home home, Databases databases)
      throws SQLException, IOException, InterruptedException {
    OrderStream stream = OrderStream.of(options.orders(), options.seed());
    introduce(options, databases, stream);
    List<Integer> ports = Home.ports();
    String brokers = "127.0.0.1:" + ports.get(0);
    Map<Role, List<String>> arguments =
        Map.of(
            Role.BROKER,
            KafkaBroker.arguments(home.run().resolve("kafka"), ports.get(0), ports.get(1)),
            Role.ORDERS,
            new Setting(databases.orders(), brokers, options.withInbox()).arguments(),
            Role.PAYMENTS,
            new Setting(databases.payments(), brokers, options.withInbox()).arguments());
    BlockingQueue<Child.Event> events = new LinkedBlockingQueue<>();
    Mishaps mishaps = new Mishaps(options.kills(), options.seed());
    Figures figures;
    try (Cast cast = new Cast(arguments, events)) {
      Run run = new Run(cast, events, stream, mishaps, databases::alive, out);
      run.toTheEnd();
      figures = Figures.of(run, cast);
    }
    return check(stream, databases, figures);
  }

  /** What happened on the way. */
  private record Figures(long sent, int atOrders, int atPayments, int kills, int restarts) {
    static Figures of(Run run, Cast cast) {
      return new Figures(
          run.sent(),
          run.duplicates(Role.ORDERS),
          run.duplicates(Role.PAYMENTS),
          cast.kills(),
          cast.restarts());
    }
  }

  private void introduce(Options options, Databases databases, OrderStream stream) {
    say(
        "%,d orders of %d customers, sent %,d times, to an order service that tells a payment service over Kafka.",
        stream.orders().size(), Customers.ALL.size(), stream.deliveries().size());
    say("Each service is a process and has %s.", databases.describe());
    say(
        "%sBoth are killed in the middle of their work, %d times in all, and the broker once.",
        options.withInbox() ? "" : "WITHOUT the inbox they handle whatever they are given. ",
        options.kills());
  }

  private Verdict check(OrderStream stream, Databases databases, Figures figures)
      throws SQLException {
    Audit audit;
    try (HikariDataSource orders = databases.orders().pool(1);
        HikariDataSource payments = databases.payments().pool(1);
        Connection ordersBooks = orders.getConnection();
        Connection paymentsBooks = payments.getConnection()) {
      audit = Audit.of(stream, ordersBooks, paymentsBooks);
    }
    say("  orders sent        %,8d times for %,d orders", figures.sent(), stream.orders().size());
    say("  orders placed      %,8d", audit.placed());
    say("  payments booked    %,8d", audit.paid());
    say("  recognised again   %,8d by the order service", figures.atOrders());
    say("                     %,8d by the payment service", figures.atPayments());
    String line =
        "orders=%d payments=%d duplicates=%d kills=%d restarts=%d"
            .formatted(
                audit.placed(),
                audit.paid(),
                figures.atOrders() + figures.atPayments(),
                figures.kills(),
                figures.restarts());
    return audit.differences().isEmpty()
        ? new Verdict("orders: OK " + line, 0)
        : new Verdict(
            "orders: VIOLATED " + line + ": " + String.join("; ", audit.differences()), 1);
  }

  private void say(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }
}
