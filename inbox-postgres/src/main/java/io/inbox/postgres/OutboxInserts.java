package io.inbox.postgres;

import io.inbox.outbox.OutboxMessage;
import io.inbox.spi.OutboxStatements.Appended;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Inserts rows into the outbox. Takes ROW EXCLUSIVE on the table before the first id is drawn: see
 * {@link OutboxSql#appenders}.
 */
final class OutboxInserts {
  /** Up to so many rows go as VALUES, whose text differs by their number; more go as arrays. */
  private static final int LONGEST_VALUES = 8;

  /** The driver builds the arrays in memory, and the server takes 1 GiB in a message. */
  private static final long MOST_BYTES = 16L * 1024 * 1024;

  /**
   * The driver sends both statements before it waits for an answer. The server skips everything
   * after a statement that failed, so it commits what it inserted or nothing.
   */
  private static final String AND_COMMIT = "; COMMIT";

  private final String[] values = new String[LONGEST_VALUES + 1];
  private final String[] valuesAndCommit = new String[LONGEST_VALUES + 1];
  private final String arrays;
  private final String arraysAndCommit;

  OutboxInserts(String table) {
    String into =
        "INSERT INTO "
            + table
            + " (\"slot\", \"message_id\", \"tenant\", \"topic\", \"key\", \"headers\", \"payload\","
            + " \"correlation_id\", \"causation_id\") ";
    String row = "(?, ?, ?, ?, ?, ?, ?, ?, ?)";
    for (int rows = 1; rows <= LONGEST_VALUES; rows++) {
      values[rows] = into + "VALUES " + row + (", " + row).repeat(rows - 1);
      valuesAndCommit[rows] = values[rows] + AND_COMMIT;
    }
    arrays =
        into
            + """
            SELECT * FROM unnest(?::smallint[], ?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bytea[],
              ?::text[], ?::text[])""";
    arraysAndCommit = arrays + AND_COMMIT;
  }

  /** By one statement, or by several where one would be too large. */
  void insert(Connection connection, List<Appended> messages) throws SQLException {
    for (int from = 0; from < messages.size(); ) {
      int to = from + 1;
      long bytes = messages.get(from).message().payload().length;
      while (to < messages.size()
          && bytes + messages.get(to).message().payload().length <= MOST_BYTES) {
        bytes += messages.get(to++).message().payload().length;
      }
      execute(connection, messages.subList(from, to), values, arrays);
      from = to;
    }
  }

  boolean fitsOneStatement(List<Appended> messages) {
    long bytes = 0;
    for (Appended appended : messages) {
      bytes += appended.message().payload().length;
    }
    return messages.size() == 1 || bytes <= MOST_BYTES;
  }

  /** By one statement and a COMMIT in one round trip; returns what the server remarked. */
  @Nullable SQLWarning insertAndCommit(Connection connection, List<Appended> messages)
      throws SQLException {
    return execute(connection, messages, valuesAndCommit, arraysAndCommit);
  }

  private static @Nullable SQLWarning execute(
      Connection connection, List<Appended> messages, String[] few, String many)
      throws SQLException {
    boolean asValues = messages.size() <= LONGEST_VALUES;
    try (PreparedStatement statement =
        connection.prepareStatement(asValues ? few[messages.size()] : many)) {
      if (asValues) {
        bindValues(statement, messages);
      } else {
        bindArrays(connection, statement, messages);
      }
      statement.execute();
      return statement.getWarnings();
    }
  }

  private static void bindValues(PreparedStatement statement, List<Appended> messages)
      throws SQLException {
    int at = 1;
    for (Appended appended : messages) {
      OutboxMessage message = appended.message();
      statement.setInt(at++, appended.slot());
      statement.setObject(at++, message.id());
      statement.setString(at++, message.tenant());
      statement.setString(at++, message.topic());
      statement.setString(at++, message.key().orElse(null));
      statement.setString(at++, appended.headers());
      statement.setBytes(at++, message.hasPayload() ? message.payload() : null);
      statement.setString(at++, message.correlationId().orElse(null));
      statement.setString(at++, message.causationId().orElse(null));
    }
  }

  private static void bindArrays(
      Connection connection, PreparedStatement statement, List<Appended> messages)
      throws SQLException {
    int size = messages.size();
    Short[] slots = new Short[size];
    UUID[] ids = new UUID[size];
    String[] tenants = new String[size];
    String[] topics = new String[size];
    @Nullable String[] keys = new @Nullable String[size];
    String[] headers = new String[size];
    byte[][] payloads = new byte[size][];
    @Nullable String[] correlations = new @Nullable String[size];
    @Nullable String[] causations = new @Nullable String[size];
    for (int i = 0; i < size; i++) {
      OutboxMessage message = messages.get(i).message();
      slots[i] = (short) messages.get(i).slot();
      ids[i] = message.id();
      tenants[i] = message.tenant();
      topics[i] = message.topic();
      keys[i] = message.key().orElse(null);
      headers[i] = messages.get(i).headers();
      if (message.hasPayload()) {
        payloads[i] = message.payload();
      }
      correlations[i] = message.correlationId().orElse(null);
      causations[i] = message.causationId().orElse(null);
    }
    statement.setArray(1, connection.createArrayOf("int2", slots));
    statement.setArray(2, connection.createArrayOf("uuid", ids));
    statement.setArray(3, connection.createArrayOf("text", tenants));
    statement.setArray(4, connection.createArrayOf("text", topics));
    statement.setArray(5, connection.createArrayOf("text", keys));
    statement.setArray(6, connection.createArrayOf("text", headers));
    statement.setArray(7, connection.createArrayOf("bytea", payloads));
    statement.setArray(8, connection.createArrayOf("text", correlations));
    statement.setArray(9, connection.createArrayOf("text", causations));
  }
}
