package io.inbox.command;

import com.zaxxer.hikari.util.DriverDataSource;
import io.inbox.DuplicatePolicy;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.RetryPolicy;
import io.inbox.jdbc.PortableStore;
import io.inbox.migrations.InboxMigrations;
import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.PublishResult;
import io.inbox.outbox.Publisher;
import io.inbox.outbox.Relay;
import io.inbox.spi.Codec;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import javax.sql.DataSource;

/** An H2 database in memory with a little of everything that happens to messages. */
final class Shop {
  private final String url;
  private final DataSource dataSource;

  private Shop(String url) {
    this.url = url;
    this.dataSource = new DriverDataSource(url, null, new Properties(), null, null);
  }

  /** Makes an empty database. */
  static Shop empty() throws SQLException {
    Shop shop = new Shop("jdbc:h2:mem:shop" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
    shop.dataSource.getConnection().close();
    return shop;
  }

  /** Makes a database with the schema. */
  static Shop migrated() throws SQLException {
    Shop shop = empty();
    InboxMigrations.on(shop.dataSource).migrate();
    return shop;
  }

  String url() {
    return url;
  }

  DataSource dataSource() {
    return dataSource;
  }

  /** Runs a command on this database. */
  Run run(String... words) {
    return Run.of(Map.of("INBOX_URL", url), words);
  }

  /** Opens the consumer's inbox, which gives a message up after two attempts. */
  Inbox inbox(String consumer) {
    return Inbox.builder(consumer, PortableStore.create(), dataSource)
        .window(Duration.ofDays(30))
        .retry(RetryPolicy.builder().maxAttempts(2).build())
        .onDuplicate(DuplicatePolicy.SEND_OUTBOX_AGAIN)
        .build();
  }

  /** Handles a message, stores its result, and appends a message about it. */
  void handle(String consumer, String id, String subject) {
    try (Inbox inbox = inbox(consumer)) {
      Message message =
          Message.builder(id).subject(subject).correlationId("c-" + id).payload(bytes(id)).build();
      Outcome<byte[]> outcome =
          inbox
              .typed(Codec.bytes())
              .returning(Codec.bytes())
              .process(
                  message,
                  (payload, tx) -> {
                    tx.outbox().append(OutboxMessage.of("orders", subject, payload));
                    return bytes("result of " + id);
                  });
      if (!(outcome instanceof Outcome.Processed)) {
        throw new AssertionError(outcome);
      }
    }
  }

  /** Fails to handle a message, so many times. */
  void fail(String consumer, String id, int times) {
    try (Inbox inbox = inbox(consumer)) {
      for (int i = 0; i < times; i++) {
        inbox.process(
            Message.builder(id).subject("s-" + id).payload(bytes("secret of " + id)).build(),
            tx -> {
              throw new IllegalStateException("account closed\nsecond line");
            });
      }
    }
  }

  /** Lets a relay give up what waits in the outbox. */
  void giveUpTheOutbox() throws Exception {
    Publisher refusing =
        new Publisher() {
          @Override
          public List<PublishResult> publish(List<OutboxMessage> batch) {
            return Collections.nCopies(batch.size(), PublishResult.rejected("too large"));
          }

          @Override
          public void close() {}
        };
    try (Relay relay = Relay.builder(PortableStore.create(), dataSource, refusing).start()) {
      Waiting.until(() -> column("SELECT COUNT(*) FROM \"inbox\".\"outbox\"").equals(List.of("0")));
    }
  }

  long execute(String sql) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      return statement.executeUpdate(sql);
    }
  }

  /** Executes a statement whose names are not quoted, in the schema of Inbox. */
  void executeIn(String sql) throws SQLException {
    String quoted = sql.replaceAll("\\b([a-z_]+)\\b(?=[^']*(?:'[^']*'[^']*)*$)", "\"$1\"");
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      connection.setSchema("inbox");
      statement.executeUpdate(quoted);
    }
  }

  List<String> column(String sql) throws SQLException {
    List<String> values = new ArrayList<>();
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        values.add(row.getString(1));
      }
    }
    return values;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
