package io.inbox.benchmarks;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.UUID;

/** One way to store the key (tenant, consumer, source, message id), with its statements. */
enum Layout {
  A("A   four texts", Shape.TEXTS, ""),
  A_AGAIN("A   again (noise)", Shape.TEXTS, ""),
  A_TENANT("A+t four texts, tenant", Shape.TEXTS, "acme-eu-0042"),
  B("B   consumer int", Shape.NUMBERED, ""),
  B_TENANT("B+t consumer int, tenant", Shape.NUMBERED, "acme-eu-0042"),
  C("C   SHA-256 bytea", Shape.SHA256, ""),
  D("D   SHA-256/128 uuid", Shape.SHA256_UUID, ""),
  E("E   four texts, id first", Shape.ID_FIRST, ""),
  E_TENANT("E+t four texts, id first, tenant", Shape.ID_FIRST, "acme-eu-0042"),
  E_NUMBERED("E   consumer int", Shape.ID_FIRST_NUMBERED, ""),
  E_FULL("E   leaves filled", Shape.ID_FIRST_FULL, ""),
  E_BTREE("E   and a B-tree on handled_at", Shape.ID_FIRST, "", "btree (handled_at)"),
  E_BRIN("E   and a BRIN on handled_at", Shape.ID_FIRST, "", "brin (handled_at)");

  private static final String CONSUMER = "payments";
  private static final int CONSUMER_NUMBER = 1;
  private static final String SOURCE = "stripe";

  final String label;
  private final Shape shape;
  private final String tenant;
  private final String secondIndex;

  Layout(String label, Shape shape, String tenant) {
    this(label, shape, tenant, "");
  }

  Layout(String label, Shape shape, String tenant, String secondIndex) {
    this.label = label;
    this.shape = shape;
    this.tenant = tenant;
    this.secondIndex = secondIndex;
  }

  enum Shape {
    TEXTS("", "text COLLATE \"C\"", "(tenant, consumer, source, message_id)"),
    ID_FIRST("", "text COLLATE \"C\"", "(message_id, consumer, source, tenant)"),
    ID_FIRST_FULL(
        "", "text COLLATE \"C\"", "(message_id, consumer, source, tenant) WITH (fillfactor = 100)"),
    NUMBERED("", "integer", "(tenant, consumer, source, message_id)"),
    ID_FIRST_NUMBERED("", "integer", "(message_id, consumer, source, tenant)"),
    SHA256("bytea", "text COLLATE \"C\"", "(key_hash)"),
    SHA256_UUID("uuid", "text COLLATE \"C\"", "(key_hash)");

    final String hashType;
    final String consumerType;
    final String primaryKey;

    Shape(String hashType, String consumerType, String primaryKey) {
      this.hashType = hashType;
      this.consumerType = consumerType;
      this.primaryKey = primaryKey;
    }

    boolean hashed() {
      return !hashType.isEmpty();
    }

    boolean numbered() {
      return "integer".equals(consumerType);
    }
  }

  String table() {
    return "inbox_" + name().toLowerCase(java.util.Locale.ROOT);
  }

  /** Fixed-width columns first, so that no layout pays for padding. */
  String create() {
    return """
        CREATE TABLE %s (
          handled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
          message_time timestamptz,
          state smallint NOT NULL,
          %s
          consumer %s NOT NULL,
          tenant text COLLATE "C" NOT NULL,
          source text COLLATE "C" NOT NULL,
          message_id text COLLATE "C" NOT NULL,
          fingerprint bytea,
          subject text,
          correlation_id text,
          PRIMARY KEY %s);
        %s
        """
        .formatted(
            table(),
            shape.hashed() ? "key_hash " + shape.hashType + " NOT NULL," : "",
            shape.consumerType,
            shape.primaryKey,
            secondIndex.isEmpty() ? "" : "CREATE INDEX ON " + table() + " USING " + secondIndex);
  }

  String claim() {
    return shape.hashed()
        ? "INSERT INTO %s (tenant, consumer, source, message_id, key_hash, state) VALUES (?, ?, ?, ?, ?, 1) ON CONFLICT DO NOTHING"
            .formatted(table())
        : "INSERT INTO %s (tenant, consumer, source, message_id, state) VALUES (?, ?, ?, ?, 1) ON CONFLICT DO NOTHING"
            .formatted(table());
  }

  void bindClaim(PreparedStatement claim, String messageId) throws SQLException {
    bindTexts(claim, messageId);
    if (shape.hashed()) {
      bindHash(claim, 5, messageId);
    }
  }

  String winner() {
    String columns = "SELECT handled_at, message_time, state, fingerprint, correlation_id FROM ";
    return columns
        + table()
        + (shape.hashed()
            ? " WHERE key_hash = ?"
            : " WHERE tenant = ? AND consumer = ? AND source = ? AND message_id = ?");
  }

  void bindWinner(PreparedStatement winner, String messageId) throws SQLException {
    if (shape.hashed()) {
      bindHash(winner, 1, messageId);
    } else {
      bindTexts(winner, messageId);
    }
  }

  /** One consumer, many tenants and sources: what a batch of one consumer looks like. */
  String claimBatch() {
    return shape.hashed()
        ? """
        INSERT INTO %s (tenant, consumer, source, message_id, key_hash, state)
        SELECT t, ?, s, m, k, 1 FROM unnest(?, ?, ?, ?::%s[]) AS b (t, s, m, k) ORDER BY k
        ON CONFLICT DO NOTHING RETURNING key_hash
        """
            .formatted(table(), shape.hashType)
        : """
        INSERT INTO %s (tenant, consumer, source, message_id, state)
        SELECT t, ?, s, m, 1 FROM unnest(?, ?, ?) AS b (t, s, m)
        ORDER BY t COLLATE "C", s COLLATE "C", m COLLATE "C"
        ON CONFLICT DO NOTHING RETURNING tenant, source, message_id
        """
            .formatted(table());
  }

  void bindBatch(Connection connection, PreparedStatement batch, String[] messageIds)
      throws SQLException {
    String[] column = new String[messageIds.length];
    bindConsumer(batch, 1);
    Arrays.fill(column, tenant);
    batch.setArray(2, connection.createArrayOf("text", column.clone()));
    Arrays.fill(column, SOURCE);
    batch.setArray(3, connection.createArrayOf("text", column));
    batch.setArray(4, connection.createArrayOf("text", messageIds));
    if (shape == Shape.SHA256) {
      byte[][] hashes = Arrays.stream(messageIds).map(this::hash).toArray(byte[][]::new);
      batch.setArray(5, connection.createArrayOf("bytea", hashes));
    } else if (shape == Shape.SHA256_UUID) {
      UUID[] hashes = Arrays.stream(messageIds).map(this::shortHash).toArray(UUID[]::new);
      batch.setArray(5, connection.createArrayOf("uuid", hashes));
    }
  }

  /** What a check reads: the ids of one consumer and source in byte order. */
  String scan() {
    return "SELECT message_id FROM "
        + table()
        + " WHERE tenant = ? AND consumer = ? AND source = ? ORDER BY message_id";
  }

  void bindScan(PreparedStatement scan) throws SQLException {
    scan.setString(1, tenant);
    bindConsumer(scan, 2);
    scan.setString(3, SOURCE);
  }

  private void bindTexts(PreparedStatement statement, String messageId) throws SQLException {
    statement.setString(1, tenant);
    bindConsumer(statement, 2);
    statement.setString(3, SOURCE);
    statement.setString(4, messageId);
  }

  private void bindConsumer(PreparedStatement statement, int index) throws SQLException {
    if (shape.numbered()) {
      statement.setInt(index, CONSUMER_NUMBER);
    } else {
      statement.setString(index, CONSUMER);
    }
  }

  private void bindHash(PreparedStatement statement, int index, String messageId)
      throws SQLException {
    if (shape == Shape.SHA256) {
      statement.setBytes(index, hash(messageId));
    } else {
      statement.setObject(index, shortHash(messageId));
    }
  }

  private UUID shortHash(String messageId) {
    ByteBuffer bytes = ByteBuffer.wrap(hash(messageId));
    return new UUID(bytes.getLong(), bytes.getLong());
  }

  /** Each part is preceded by its length, so that no two keys glue to the same bytes. */
  private byte[] hash(String messageId) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String part : new String[] {tenant, CONSUMER, SOURCE, messageId}) {
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        digest.update((byte) (bytes.length >>> 8));
        digest.update((byte) bytes.length);
        digest.update(bytes);
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
