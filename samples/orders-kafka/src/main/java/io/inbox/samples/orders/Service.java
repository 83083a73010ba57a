package io.inbox.samples.orders;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.migrations.InboxMigrations;
import io.inbox.outbox.Publisher;
import io.inbox.outbox.Relay;
import io.inbox.samples.stage.Sql;
import io.inbox.spi.Tables;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What both services are made of: a database, inboxes for what comes in, an outbox with a relay.
 */
final class Service implements AutoCloseable {
  private static final int CONNECTIONS = 10;
  private static final int BATCH = 50; // small, so that whoever is killed has something in hand
  private static final Duration LEASE = Duration.ofSeconds(2);
  private static final Duration CIRCUIT_MAX_OPEN = Duration.ofMillis(500);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(2);

  private final Setting setting;
  private final Pipe pipe;
  private final HikariDataSource pool;
  private final List<Intake> intakes = new ArrayList<>();
  private @Nullable Publisher publisher;
  private @Nullable Relay relay;

  private Service(Setting setting, Pipe pipe, HikariDataSource pool) {
    this.setting = setting;
    this.pipe = pipe;
    this.pool = pool;
  }

  /** Creates the business tables. */
  @FunctionalInterface
  interface Creation {
    void create(Connection connection) throws SQLException;
  }

  /** Opens the database and creates in it what is missing. */
  static Service open(Setting setting, Pipe pipe, Creation tables) throws SQLException {
    Service service = new Service(setting, pipe, setting.database().pool(CONNECTIONS));
    InboxMigrations.on(service.pool).migrate();
    Sql.inTransaction(
        service.pool,
        connection -> {
          tables.create(connection);
          return connection;
        });
    return service;
  }

  Intake intake(String consumer) {
    Intake intake =
        setting.withInbox()
            ? InboxIntake.open(consumer, setting, pool, () -> pipe.say("duplicate"))
            : NaiveIntake.open(consumer, setting, pool);
    intakes.add(intake);
    return intake;
  }

  /** Begins to send to Kafka what the outbox holds. */
  void relay() {
    publisher = setting.publisher();
    relay =
        Relay.builder(setting.database().store(), pool, publisher)
            .batch(BATCH)
            .lease(LEASE) // the slots of one that was killed stand still as long
            .circuitMaxOpen(CIRCUIT_MAX_OPEN)
            .closeWait(CLOSE_WAIT)
            .start();
  }

  /** Says how many messages the outbox holds, and what a query of the business counts. */
  void count(String question, String query) {
    for (Intake intake : intakes) {
      Throwable failure = intake.failure();
      if (failure != null) {
        pipe.say("unable", Sql.firstLine(failure));
      }
    }
    try {
      long waiting = 0;
      for (String table : List.of("outbox", "outbox_parked", "outbox_delayed")) {
        waiting += number("SELECT count(*) FROM " + Tables.ofDefaults().quoted(table));
      }
      pipe.say("waiting", question, String.valueOf(waiting), String.valueOf(number(query)));
    } catch (SQLException e) {
      pipe.say("waiting", question, "1", "0"); // nobody knows: the database is away
    }
  }

  private long number(String query) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  @Override
  public void close() {
    if (relay != null) {
      relay.close();
    }
    if (publisher != null) {
      publisher.close();
    }
    intakes.forEach(Intake::close);
    pool.close();
  }
}
