package io.inbox.reconciler;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.jdbc.PortableStore;
import io.inbox.migrations.InboxMigrations;
import io.inbox.postgres.PostgresStore;
import io.inbox.spi.Store;
import io.inbox.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;

/**
 * A database with the tables of Inbox and one of a business, {@code payment}, which has no unique
 * index on purpose.
 */
final class Ledger implements AutoCloseable {
  static final String CONSUMER = "payments";

  /** The effects by message id, as a user would write them. */
  static final String BY_ID =
      "SELECT message_id AS \"key\" FROM payment WHERE booked_at >= :from AND booked_at < :to";

  private final HikariDataSource pool;
  private final Store store;

  private Ledger(HikariDataSource pool, Store store) {
    this.pool = pool;
    this.store = store;
  }

  static Ledger onPostgres(int version) throws SQLException {
    return on(PostgresServer.shared(version));
  }

  static Ledger on(PostgresServer server) throws SQLException {
    return of(server.dataSource(server.newDatabase(), 20), PostgresStore.create());
  }

  static Ledger onH2() throws SQLException {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
    config.setMaximumPoolSize(20);
    config.setMinimumIdle(0);
    return of(new HikariDataSource(config), PortableStore.create());
  }

  static Ledger on(Platform platform) throws SQLException {
    return switch (platform) {
      case H2 -> onH2();
      case POSTGRESQL_18 -> onPostgres(PostgresServer.NEWEST);
      case POSTGRESQL_14 -> onPostgres(PostgresServer.OLDEST);
    };
  }

  /** In a database that outlives this process. */
  static Ledger at(String url) throws SQLException {
    return of(
        Platform.pool(url, 4),
        url.startsWith("jdbc:h2:") ? PortableStore.create() : PostgresStore.create());
  }

  static Ledger of(HikariDataSource pool, Store store) throws SQLException {
    InboxMigrations.on(pool).migrate();
    Ledger ledger = new Ledger(pool, store);
    ledger.execute(
        "CREATE TABLE payment (message_id VARCHAR(200), account VARCHAR(200), note VARCHAR(200),"
            + " booked_at TIMESTAMP(6) WITH TIME ZONE NOT NULL)");
    ledger.execute("CREATE INDEX payment_id ON payment (message_id)");
    ledger.execute(
        "CREATE TABLE balance (account VARCHAR(200) PRIMARY KEY, note VARCHAR(200), changed_at TIMESTAMP(6) WITH TIME ZONE NOT NULL)");
    ledger.execute(
        "INSERT INTO inbox.\"consumer\" (\"consumer\", \"dedupe_window_seconds\", \"registered_at\") VALUES ('payments', 1209600, TIMESTAMP WITH TIME ZONE '2020-01-01 00:00:00+00')"
            .replace("inbox.\"consumer\"", store.tables().quoted("consumer")));
    return ledger;
  }

  Store store() {
    return store;
  }

  HikariDataSource pool() {
    return pool;
  }

  boolean isPostgres() {
    return store instanceof PostgresStore;
  }

  Reconciler.Builder reconciler() {
    return Reconciler.builder(store, pool);
  }

  /** The database's name on its PostgreSQL server. */
  String name() throws SQLException {
    try (Connection connection = pool.getConnection()) {
      return connection.getCatalog();
    }
  }

  /** The report of a run that was not held by another. */
  static ReconcileReport done(JobResult<ReconcileReport> result) {
    return ((JobResult.Done<ReconcileReport>) result).value();
  }

  Findings findings() {
    return Findings.open(store, pool);
  }

  /** Returns the open findings of a check, as kind and item, in order. */
  List<String> open(String check) {
    List<String> all = new ArrayList<>();
    long after = 0;
    while (true) {
      List<Finding> page = findings().list(FindingQuery.first(1_000).ofCheck(check).after(after));
      page.forEach(finding -> all.add(finding.kind() + " " + finding.item()));
      if (page.size() < 1_000) {
        all.sort(null);
        return all;
      }
      after = page.get(page.size() - 1).id();
    }
  }

  /** Opens an inbox whose handler books a payment. */
  Inbox inbox() {
    return Inbox.builder(CONSUMER, store, pool).allowReducedDurability().build();
  }

  /** Handles a message as a service would. */
  static Outcome<Void> handle(Inbox inbox, Message message) {
    return inbox.process(
        message,
        tx -> {
          try (PreparedStatement insert =
              tx.connection()
                  .prepareStatement(
                      "INSERT INTO payment (message_id, account, booked_at) VALUES (?, ?, ?)")) {
            insert.setString(1, message.id());
            insert.setString(2, message.subject().orElse(null));
            insert.setObject(3, OffsetDateTime.now(ZoneOffset.UTC));
            insert.executeUpdate();
          }
        });
  }

  void handled(String id, Instant at) throws SQLException {
    handled("", "", id, null, at);
  }

  void handled(String tenant, String source, String id, String subject, Instant at)
      throws SQLException {
    update(
        "INSERT INTO "
            + store.tables().quoted("message")
            + " (\"tenant\", \"consumer\", \"source\", \"message_id\", \"subject\", \"handled_at\")"
            + " VALUES (?, 'payments', ?, ?, ?, ?)",
        tenant,
        source,
        id,
        subject,
        at);
  }

  void booked(String id, Instant at) throws SQLException {
    update("INSERT INTO payment (message_id, booked_at) VALUES (?, ?)", id, at);
  }

  void booked(String id, String account, Instant at) throws SQLException {
    update(
        "INSERT INTO payment (message_id, account, booked_at) VALUES (?, ?, ?)", id, account, at);
  }

  /** Seeds so many pairs on which both sides agree, in one second each, the last one at a time. */
  void clean(int pairs, Instant last) throws SQLException {
    String numbers =
        isPostgres()
            ? "generate_series(1, " + pairs + ") AS g (n)"
            : "SYSTEM_RANGE(1, " + pairs + ") AS g (n)";
    String id =
        "'clean-' || "
            + (isPostgres()
                ? "md5(n::text)"
                : "RAWTOHEX(HASH('MD5', STRINGTOUTF8(CAST(n AS VARCHAR))))");
    String at =
        isPostgres()
            ? "? - n * interval '10 milliseconds'"
            : "DATEADD('MILLISECOND', -10 * n, CAST(? AS TIMESTAMP WITH TIME ZONE))";
    update(
        "INSERT INTO "
            + store.tables().quoted("message")
            + " (\"tenant\", \"consumer\", \"source\", \"message_id\", \"subject\", \"handled_at\")"
            + " SELECT '', 'payments', '', "
            + id
            + ", 'account-' || n, "
            + at
            + " FROM "
            + numbers,
        last);
    update(
        "INSERT INTO payment (message_id, account, booked_at) SELECT "
            + id
            + ", 'account-' || n, "
            + at
            + " FROM "
            + numbers,
        last);
  }

  int update(String sql, Object... values) throws SQLException {
    try (Connection connection = pool.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(
            i + 1,
            values[i] instanceof Instant at ? (Object) at.atOffset(ZoneOffset.UTC) : values[i]);
      }
      return statement.executeUpdate();
    }
  }

  void execute(String sql) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  long number(String query) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  /** The database's time, which is that of this machine. */
  Instant now() throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT CURRENT_TIMESTAMP")) {
      row.next();
      return row.getObject(1, OffsetDateTime.class).toInstant();
    }
  }

  DataSource elsewhere() {
    return pool;
  }

  @Override
  public void close() {
    pool.close();
  }
}
