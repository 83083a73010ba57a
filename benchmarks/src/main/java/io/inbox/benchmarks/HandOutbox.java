package io.inbox.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What an expert writes without the library: messages in slots by the hash of their key, ids in the
 * order of the commits of one key, a lease with an epoch for each slot, and {@link HandLoop}.
 */
final class HandOutbox implements OutboxContender {
  static final int SLOTS = 16;
  static final String OWNER = "relay-by-hand";

  private static final String INSERT =
      """
      INSERT INTO byhand.outbox (slot, message_id, tenant, topic, key, payload, correlation_id)
      VALUES (?, ?, '', ?, ?, ?, ?)""";

  private final DurablePostgres server;

  /** Makes its tables. */
  HandOutbox(DurablePostgres server) throws SQLException {
    this.server = server;
    server.execute("CREATE SCHEMA byhand");
    server.execute(
        """
        CREATE TABLE byhand.outbox (
          slot smallint NOT NULL,
          id bigint GENERATED ALWAYS AS IDENTITY (CACHE 1),
          message_id uuid NOT NULL,
          tenant text COLLATE "C" NOT NULL,
          topic text COLLATE "C" NOT NULL,
          key text COLLATE "C",
          headers text,
          payload bytea,
          correlation_id text,
          causation_id text,
          appended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
          PRIMARY KEY (slot, id))
        """);
    server.execute(
        """
        CREATE TABLE byhand.outbox_slot (
          slot smallint PRIMARY KEY, owner text, epoch bigint NOT NULL, lease_until timestamptz)
        """);
    server.execute(
        "INSERT INTO byhand.outbox_slot (slot, epoch) SELECT s, 0 FROM generate_series(0, "
            + (SLOTS - 1)
            + ") s");
  }

  /** Writes one message; does not commit. */
  static void append(Connection connection, Feed.Lane lane, byte[] payload) throws SQLException {
    append(connection, INSERT, lane, payload);
  }

  /** Writes one message and commits, in one round trip. */
  static void appendAndCommit(Connection connection, Feed.Lane lane, byte[] payload)
      throws SQLException {
    append(connection, INSERT + "; COMMIT", lane, payload);
  }

  private static void append(Connection connection, String sql, Feed.Lane lane, byte[] payload)
      throws SQLException {
    String id = lane.id();
    String key = Backlog.key(lane.account());
    try (PreparedStatement insert = connection.prepareStatement(sql)) {
      insert.setShort(1, (short) (key.hashCode() & SLOTS - 1));
      insert.setObject(2, UUID.fromString(id));
      insert.setString(3, Backlog.TOPIC);
      insert.setString(4, key);
      insert.setBytes(5, payload);
      insert.setString(6, id);
      insert.execute();
    }
  }

  @Override
  public String label() {
    return "by hand";
  }

  @Override
  public Map<String, String> settings() {
    return Map.of("slots", String.valueOf(SLOTS), "batch", String.valueOf(HandLoop.BATCH));
  }

  @Override
  public List<String> tables() {
    return List.of("byhand.outbox", "byhand.outbox_slot");
  }

  @Override
  public void fill(int messages) throws SQLException {
    server.execute("TRUNCATE byhand.outbox");
    server.execute(
        """
        INSERT INTO byhand.outbox (slot, message_id, tenant, topic, key, payload, correlation_id)
        SELECT (hashtext('order-' || n %% %d) & %d)::smallint, gen_random_uuid(), '', '%s', 'order-' || n %% %d,
               decode(repeat(md5(n::text), 12) || '0123456789abcdef', 'hex'), gen_random_uuid()::text
        FROM generate_series(1, %d) n
        """
            .formatted(Backlog.KEYS, SLOTS - 1, Backlog.TOPIC, Backlog.KEYS, messages));
  }

  @Override
  public Running start(Sink sink) throws SQLException {
    server.execute(
        "UPDATE byhand.outbox_slot SET owner = '"
            + OWNER
            + "', epoch = epoch + 1, lease_until = now() + interval '1 hour'");
    long epoch = server.number("SELECT max(epoch) FROM byhand.outbox_slot");
    HandLoop loop = new HandLoop(server.unpooled(), epoch, sink);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    Future<?> end = thread.submit(loop);
    return () -> {
      loop.stop();
      thread.shutdown();
      end.get();
    };
  }

  @Override
  public long left() throws SQLException {
    return server.number("SELECT count(*) FROM byhand.outbox");
  }

  @Override
  public void close() {
    // Opened nothing but what the relay closed.
  }
}
