package io.inbox.postgres;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Transaction;
import io.inbox.jdbc.PortableStore;
import io.inbox.outbox.OutboxMessage;
import io.inbox.spi.Store;
import io.inbox.testkit.crash.CrashConsumer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import javax.sql.DataSource;

/**
 * A consumer that books a payment in two tables, and what others get wrong about it. In {@code
 * applied} a double shows, in {@code account} a half.
 */
abstract class CrashingPayments implements CrashConsumer {
  /** What stands for a system that knows no transaction. */
  static final Path EXTERNAL = Path.of("target", "crash-points-external.log");

  DataSource connections;

  @Override
  public void start(DataSource connections) {
    this.connections = connections;
  }

  @Override
  public Store store() {
    try (Connection connection = connections.getConnection()) {
      return connection.getMetaData().getDatabaseProductName().equals("H2")
          ? PortableStore.create()
          : PostgresStore.create();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public List<Message> messages() {
    return List.of(Message.of("payment-1", null));
  }

  @Override
  public List<Outcome<Void>> deliver(Inbox inbox, List<Message> messages) {
    return messages.stream()
        .map(message -> inbox.process(message, tx -> handle(message, tx)))
        .toList();
  }

  abstract void handle(Message message, Transaction tx) throws Exception;

  static void apply(Connection connection, Message message) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO applied (message_id) VALUES (?)")) {
      insert.setString(1, message.id());
      insert.executeUpdate();
    }
  }

  static void pay(Connection connection) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement("UPDATE account SET amount = amount + 1")) {
      update.executeUpdate();
    }
  }

  static void call(String what) throws IOException {
    Files.writeString(EXTERNAL, what + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** Does it right. */
  static final class Right extends CrashingPayments {
    @Override
    void handle(Message message, Transaction tx) throws Exception {
      apply(tx.connection(), message);
      pay(tx.connection());
      tx.outbox().append(OutboxMessage.of("payments", "account", null));
    }
  }

  /** Writes on another connection, in autocommit. */
  static final class OwnConnection extends CrashingPayments {
    @Override
    void handle(Message message, Transaction tx) throws Exception {
      try (Connection own = connections.getConnection()) {
        apply(own, message);
      }
      pay(tx.connection());
    }
  }

  /** Commits a transaction of its own. */
  static final class OwnTransaction extends CrashingPayments {
    @Override
    void handle(Message message, Transaction tx) throws Exception {
      pay(tx.connection());
      try (Connection own = connections.getConnection()) {
        own.setAutoCommit(false);
        apply(own, message);
        own.commit();
      }
    }
  }

  /** Calls another system. */
  static final class Calling extends CrashingPayments {
    @Override
    void handle(Message message, Transaction tx) throws Exception {
      apply(tx.connection(), message);
      call(message.id());
      pay(tx.connection());
    }
  }

  /** Calls another system that knows calls again, by a token that only the memory holds. */
  static final class CallingWithToken extends CrashingPayments {
    private final String token = UUID.randomUUID().toString();

    @Override
    void handle(Message message, Transaction tx) throws Exception {
      apply(tx.connection(), message);
      if (!Files.exists(EXTERNAL) || !Files.readString(EXTERNAL).contains(token)) {
        call(token);
      }
      pay(tx.connection());
    }
  }

  /** Remembers in memory what it has handled. */
  static final class Remembering extends CrashingPayments {
    private final Set<String> seen = new HashSet<>();

    @Override
    void handle(Message message, Transaction tx) throws Exception {
      if (seen.add(message.id())) {
        apply(tx.connection(), message);
        pay(tx.connection());
      }
    }
  }

  /** Leaves half of it for after the commit. */
  static final class AfterCommit extends CrashingPayments {
    @Override
    void handle(Message message, Transaction tx) throws Exception {
      apply(tx.connection(), message);
      tx.afterCommit(
          () -> {
            try (Connection own = connections.getConnection()) {
              pay(own);
            } catch (SQLException e) {
              throw new IllegalStateException(e);
            }
          });
    }
  }

  /** Goes on whatever happens. */
  static final class Swallowing extends CrashingPayments {
    @Override
    void handle(Message message, Transaction tx) {
      try {
        apply(tx.connection(), message);
        pay(tx.connection());
      } catch (Throwable e) {
        // As if nothing had happened.
      }
    }
  }

  /** Waits for ever when it runs a second time. */
  static final class Waiting extends CrashingPayments {
    private boolean again;

    @Override
    void handle(Message message, Transaction tx) throws Exception {
      if (again) {
        new CountDownLatch(1).await();
      }
      again = true;
      apply(tx.connection(), message);
      pay(tx.connection());
    }
  }

  /** Has another message each time. */
  static final class Forgetful extends CrashingPayments {
    @Override
    public List<Message> messages() {
      return List.of(Message.of(UUID.randomUUID().toString(), null));
    }

    @Override
    void handle(Message message, Transaction tx) {}
  }
}
