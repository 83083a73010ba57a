package io.inbox.command.doctor;

import io.inbox.command.CommandException;
import io.inbox.command.database.Query;
import io.inbox.command.database.Schema;
import io.inbox.command.database.Target;
import io.inbox.error.ConfigurationException;
import io.inbox.spi.SqlError;
import io.inbox.spi.StoreReport;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;

/** Looks at everything that Inbox relies on, changes nothing, and says what to do. */
public final class Doctor {
  private static final Duration AT_MOST = Duration.ofSeconds(30);
  private static final int TRIPS = 5;
  private static final Duration SLOW = Duration.ofMillis(10);
  private static final Duration CLOCKS = Duration.ofSeconds(5);

  private final Target target;
  private final Diagnosis diagnosis = new Diagnosis();

  private Doctor(Target target) {
    this.target = target;
  }

  /** Looks at a database through this login. */
  public static Diagnosis examine(Target target) throws SQLException {
    Doctor doctor = new Doctor(target);
    long start = System.nanoTime();
    try (Connection connection = target.connect()) {
      doctor.connected(connection, Duration.ofNanos(System.nanoTime() - start));
    } catch (CommandException e) {
      doctor.diagnosis.unusable("connection", String.valueOf(e.getMessage()), null);
    }
    return doctor.diagnosis;
  }

  private void connected(Connection connection, Duration connecting) throws SQLException {
    Query query = new Query(connection, AT_MOST);
    connection(connection, query, connecting);
    connection.setAutoCommit(false);
    store(connection);
    connection.rollback();
    // Not read-only: whether it could be written is one of the questions.
    try {
      boolean tables = schema(query);
      if (tables && target.postgres()) {
        new PostgresLogin(query, target.tables(), diagnosis).examine();
        new PostgresTables(query, target.tables(), diagnosis).examine();
      } else if (tables) {
        new H2Tables(query, target.tables(), diagnosis).examine();
      }
      if (target.postgres()) {
        new PostgresServer(connection, query, diagnosis).examine();
      }
    } finally {
      connection.rollback();
    }
  }

  private void connection(Connection connection, Query query, Duration connecting)
      throws SQLException {
    DatabaseMetaData data = connection.getMetaData();
    long[] trips = new long[TRIPS];
    for (int i = 0; i < TRIPS; i++) {
      long start = System.nanoTime();
      query.text("SELECT 1");
      trips[i] = System.nanoTime() - start;
    }
    Arrays.sort(trips);
    Duration trip = Duration.ofNanos(trips[TRIPS / 2]);
    String micros = trip.toNanos() / 1_000 + " us";
    String what =
        "connected to "
            + target.shownUrl()
            + " as "
            + (data.getUserName().isEmpty() ? "nobody" : data.getUserName())
            + " in "
            + connecting.toMillis()
            + " ms, a round trip takes "
            + micros;
    if (trip.compareTo(SLOW) > 0) {
      diagnosis.warn(
          "connection", what, "each message takes several: run the service near its database");
    } else {
      diagnosis.ok("connection", what);
    }
    diagnosis.ok(
        "versions",
        data.getDatabaseProductName()
            + " "
            + data.getDatabaseProductVersion()
            + ", driver "
            + data.getDriverVersion()
            + ", Java "
            + Runtime.version().feature());
    Instant before = Instant.now();
    Duration off = Duration.between(before, query.now()).abs();
    if (off.compareTo(CLOCKS) > 0) {
      diagnosis.warn(
          "clock",
          "the database's clock and this machine's differ by " + off.toSeconds() + " s",
          "Inbox uses the database's alone; message times come from the clocks of producers");
    } else {
      diagnosis.ok("clock", "the database's clock and this machine's agree");
    }
  }

  /** What an inbox checks when it starts. */
  private void store(Connection connection) throws SQLException {
    try {
      StoreReport report = target.store().inspect(connection);
      for (String remark : report.remarks()) {
        diagnosis.fail("durability", remark, "an inbox refuses to start on it");
      }
      if (report.durability() == StoreReport.Durability.NONE) {
        diagnosis.warn(
            "durability", "the database is in memory: nothing survives its process", "use a file");
      } else if (report.remarks().isEmpty()) {
        diagnosis.ok("durability", "what is committed survives a crash of the database");
      }
    } catch (ConfigurationException e) {
      diagnosis.fail(
          "start", String.valueOf(e.getMessage()), "an inbox of this login refuses to start on it");
    } catch (SQLException e) {
      if (SqlError.of(e) != SqlError.SCHEMA) {
        throw e;
      }
      diagnosis.fail(
          "start",
          "this login may not read what an inbox checks: " + e.getMessage(),
          "grant it, or look as the service's login");
    }
  }

  /** Returns whether there are tables to look at. */
  private boolean schema(Query query) throws SQLException {
    try {
      Schema schema = Schema.require(query, target.tables());
      String what = "schema " + target.tables() + " has version " + schema.version();
      if (schema.version() < Schema.NEWEST) {
        diagnosis.warn(
            "schema",
            what + ", this program knows " + Schema.NEWEST,
            "run inbox migrate: jobs, holds and findings need it");
      } else {
        diagnosis.ok("schema", what);
      }
      return true;
    } catch (CommandException e) {
      diagnosis.unusable("schema", String.valueOf(e.getMessage()), null);
      return false;
    }
  }
}
