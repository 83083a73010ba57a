package io.inbox.benchmarks;

import io.inbox.Inbox;
import io.inbox.migrations.InboxMigrations;
import io.inbox.postgres.PostgresStore;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * One server, one pool, one inbox table and one table of accounts, which all contenders share: so
 * none has smaller tables or a warmer cache than another.
 */
final class Arena implements AutoCloseable {
  static final int BATCH = 100;

  private final DurablePostgres server;
  private final Inbox inbox;
  private final Race race;

  private Arena(DurablePostgres server, Inbox inbox, Race race) {
    this.server = server;
    this.inbox = inbox;
    this.race = race;
  }

  static Arena open(int threads, boolean durable) throws IOException, SQLException {
    DurablePostgres server = DurablePostgres.start(threads, "512MB", durable ? "on" : "off");
    InboxMigrations.on(server.unpooled()).migrate();
    Books.create(server, threads);
    Inbox.Builder inbox = Inbox.builder("library", PostgresStore.create(), server.dataSource());
    if (!durable) {
      inbox.allowReducedDurability();
    }
    return new Arena(server, inbox.build(), new Race(new Feed(), threads));
  }

  DurablePostgres server() {
    return server;
  }

  Inbox inbox() {
    return inbox;
  }

  Contender library(int batch, boolean withTime) {
    String label = (batch == 1 ? "process" : "processBatch") + (withTime ? ", message time" : "");
    return new InboxContender(label, inbox, batch, withTime);
  }

  Contender byHand(Bound bound, int batch, boolean withTime, String remark) {
    String label = "JDBC " + bound + (withTime ? ", message time" : "") + remark;
    return new JdbcContender(label, server.dataSource(), bound, batch, withTime);
  }

  /** Contenders by hand, one for each way to bound the wait. */
  List<Contender> bounded(int batch) {
    List<Contender> contenders = new ArrayList<>();
    for (Bound bound : List.of(Bound.STATEMENTS, Bound.ONE_TRIP, Bound.FUNCTIONS)) {
      contenders.add(byHand(bound, batch, false, ""));
    }
    return contenders;
  }

  Rates run(List<Contender> contenders, int sliceMillis, int rounds)
      throws SQLException, InterruptedException {
    prepare();
    return race.run(contenders, sliceMillis, rounds);
  }

  Race race() {
    return race;
  }

  void prepare() throws SQLException {
    server.execute("VACUUM (ANALYZE) inbox.message");
    server.execute("VACUUM (ANALYZE) account");
    server.execute("CHECKPOINT");
  }

  /** Throws unless every message that was counted is in the inbox and in the books. */
  void audit() throws SQLException {
    long keys = server.number("SELECT count(*) FROM inbox.message");
    long booked = Books.handled(server);
    if (keys != race.handled() || booked != race.handled()) {
      throw new IllegalStateException(
          "handled "
              + race.handled()
              + " messages, but the inbox holds "
              + keys
              + " keys and the books "
              + booked
              + " credits: these figures are worth nothing");
    }
  }

  @Override
  public void close() throws IOException {
    race.close();
    inbox.close();
    server.close();
  }
}
