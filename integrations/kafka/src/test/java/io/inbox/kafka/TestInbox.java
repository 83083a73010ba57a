package io.inbox.kafka;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.inbox.BatchHandler;
import io.inbox.DeadLetter;
import io.inbox.DeadLetterQuery;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.RetryPolicy;
import io.inbox.Transaction;
import io.inbox.jdbc.PortableStore;
import io.inbox.migrations.InboxMigrations;
import io.inbox.spi.Store;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/** An inbox whose handler notes what it was given in a table that has no key. */
final class TestInbox implements AutoCloseable {
  private final HikariDataSource pool;
  private final Inbox inbox;

  /** A pool that can be told to give no connections. */
  private static final class Switched extends HikariDataSource {
    volatile boolean down;
    final AtomicInteger refused = new AtomicInteger();

    Switched(HikariConfig config) {
      super(config);
    }

    @Override
    public Connection getConnection() throws SQLException {
      if (down) {
        refused.incrementAndGet();
        throw new SQLTransientConnectionException("the database is down");
      }
      return super.getConnection();
    }
  }

  private TestInbox(HikariDataSource pool, Inbox inbox) {
    this.pool = pool;
    this.inbox = inbox;
  }

  /** On a fresh database in memory. */
  static TestInbox onH2(String consumer) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
    config.setMaximumPoolSize(4);
    config.setMinimumIdle(0);
    return on(new Switched(config), PortableStore.create(), consumer, "BIGINT AUTO_INCREMENT");
  }

  static TestInbox on(HikariDataSource pool, Store store, String consumer, String identity) {
    InboxMigrations.on(pool).migrate();
    execute(
        pool, "CREATE TABLE effect (seq " + identity + ", lane VARCHAR(200), text VARCHAR(200))");
    Inbox inbox =
        Inbox.builder(consumer, store, pool)
            .maxPayloadBytes(10_000)
            .retry(
                RetryPolicy.builder()
                    .maxAttempts(4)
                    .initialBackoff(Duration.ofMillis(50))
                    .maxBackoff(Duration.ofMillis(200))
                    .build())
            .allowReducedDurability()
            .build();
    return new TestInbox(pool, inbox);
  }

  Inbox inbox() {
    return inbox;
  }

  /** Makes the database unavailable, or available again; on H2 only. */
  void down(boolean down) {
    ((Switched) pool).down = down;
  }

  /** How often a connection was asked for in vain. */
  int refused() {
    return ((Switched) pool).refused.get();
  }

  RecordHandler records() {
    return RecordHandler.builder(inbox, TestInbox::note).build();
  }

  RecordHandler records(BatchHandler handler) {
    return RecordHandler.builder(inbox, handler).build();
  }

  /** The business write: one row for each message, so that a second handling would show. */
  static void note(List<Message> fresh, Transaction tx) throws SQLException {
    try (PreparedStatement insert =
        tx.connection().prepareStatement("INSERT INTO effect (lane, text) VALUES (?, ?)")) {
      for (Message message : fresh) {
        insert.setString(1, message.headers().get(RecordHandler.KEY_HEADER));
        insert.setString(2, Tests.text(message.payload()));
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  /** What was noted, in the order of the commits where one thread wrote. */
  List<String> effects() {
    List<String> texts = new ArrayList<>();
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT text FROM effect ORDER BY seq")) {
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return texts;
  }

  List<DeadLetter> letters() {
    return inbox.deadLetters().list(DeadLetterQuery.first(100)).stream()
        .map(letter -> inbox.deadLetters().show(letter.id()).orElseThrow())
        .toList();
  }

  private static void execute(DataSource database, String sql) {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    inbox.close();
    pool.close();
  }
}
