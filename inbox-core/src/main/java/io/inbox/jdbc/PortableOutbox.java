package io.inbox.jdbc;

import io.inbox.error.SchemaException;
import io.inbox.outbox.OutboxMessage;
import io.inbox.spi.OutboxStatements;
import io.inbox.spi.Tables;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jooq.Field;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/**
 * The outbox in SQL that H2 runs in any mode. Deleted rows leave nothing behind there, so nothing
 * has to be known about open transactions, and one process owns the database, so there are no
 * signals.
 */
final class PortableOutbox implements OutboxStatements {
  private static final int COLUMNS = 9;

  /** H2 takes 100,000 parameters in a statement. */
  private static final int ROWS_AT_ONCE = 1_000;

  private final String slotTable;
  private final String insert;
  private final String columns;
  private final String from;
  private final String own;
  private final String delete;
  private final String write;

  PortableOutbox(Tables tables) {
    String table = tables.quoted("outbox");
    this.slotTable = tables.quoted("outbox_slot");
    this.insert =
        "INSERT INTO "
            + table
            + " (\"slot\", \"message_id\", \"tenant\", \"topic\", \"key\", \"headers\", \"payload\", \"correlation_id\", \"causation_id\") VALUES ";
    this.columns =
        "SELECT \"slot\", \"id\", \"appended_at\", \"message_id\", \"tenant\", \"topic\", \"key\", \"headers\","
            + " CASE WHEN OCTET_LENGTH(\"payload\") <= %d THEN \"payload\" END, COALESCE(OCTET_LENGTH(\"payload\"), -1),"
            + " \"correlation_id\", \"causation_id\"";
    this.from = " FROM " + table + " WHERE \"slot\" = ? AND ";
    this.own =
        "SELECT \"epoch\" FROM " + slotTable + " WHERE \"slot\" = ? AND \"owner\" = ? FOR UPDATE";
    this.write = "UPDATE " + slotTable + " SET \"epoch\" = \"epoch\" WHERE \"slot\" = ?";
    this.delete = "DELETE FROM " + table + " WHERE \"slot\" = ? AND \"id\" = ?";
  }

  @Override
  public int slots(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT COUNT(*) FROM " + slotTable)) {
      row.next();
      if (row.getInt(1) == 0) {
        throw new SchemaException(
            "IBX-514", slotTable + " has no slots: a migration did not end (run it again)");
      }
      return row.getInt(1);
    }
  }

  @Override
  public void append(Connection connection, List<Appended> messages) throws SQLException {
    for (int from = 0; from < messages.size(); from += ROWS_AT_ONCE) {
      insert(connection, messages.subList(from, Math.min(from + ROWS_AT_ONCE, messages.size())));
    }
  }

  private void insert(Connection connection, List<Appended> messages) throws SQLException {
    String row = "(" + "?, ".repeat(COLUMNS - 1) + "?)";
    String text = insert + String.join(", ", Collections.nCopies(messages.size(), row));
    try (PreparedStatement statement = connection.prepareStatement(text)) {
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
      statement.executeUpdate();
    }
  }

  @Override
  public boolean appendsWithCommit(List<Appended> messages) {
    return false; // JDBC knows no such statement
  }

  @Override
  public @Nullable SQLWarning appendAndCommit(Connection connection, List<Appended> messages) {
    throw new UnsupportedOperationException("there is no statement that inserts and commits");
  }

  /**
   * One statement for each slot: H2 has no lateral join. Rows of one key are in one slot, so one
   * snapshot for each slot is enough.
   */
  @Override
  public List<Row> read(
      Connection connection,
      String owner,
      List<Range> slots,
      int rowsPerSlot,
      Set<String> withoutTopics)
      throws SQLException {
    String without =
        withoutTopics.isEmpty()
            ? ""
            : " AND \"topic\" NOT IN ("
                + String.join(", ", Collections.nCopies(withoutTopics.size(), "?"))
                + ")";
    String text =
        columns.formatted(Row.INLINE_BYTES)
            + from
            + "\"id\" > ? AND EXISTS (SELECT 1 FROM "
            + slotTable
            + " WHERE \"slot\" = ? AND \"owner\" = ? AND \"epoch\" = ?)"
            + without
            + " ORDER BY \"slot\", \"id\" FETCH FIRST "
            + rowsPerSlot
            + " ROWS ONLY";
    List<Row> rows = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(text)) {
      for (Range range : slots) {
        statement.setInt(1, range.slot());
        statement.setLong(2, range.after());
        statement.setInt(3, range.slot());
        statement.setString(4, owner);
        statement.setLong(5, range.epoch());
        int at = 6;
        for (String topic : withoutTopics) {
          statement.setString(at++, topic);
        }
        try (ResultSet result = statement.executeQuery()) {
          while (result.next()) {
            rows.add(row(result));
          }
        }
      }
    }
    if (!rows.isEmpty()) {
      makeDurable(connection, rows.get(0).slot());
    }
    return rows;
  }

  /**
   * H2 shows a commit to other sessions before it writes it to the file, so a message could be
   * published whose transaction is lost when the process is killed in that moment. A commit that
   * has written anything returns only after all earlier ones are in the file, too.
   */
  private void makeDurable(Connection connection, int slot) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(write)) {
      statement.setInt(1, slot);
      statement.executeUpdate();
    }
  }

  @Override
  public boolean any(Connection connection, List<Range> slots) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT 1" + from + "\"id\" > ? FETCH FIRST ROW ONLY")) {
      for (Range range : slots) {
        statement.setInt(1, range.slot());
        statement.setLong(2, range.after());
        try (ResultSet row = statement.executeQuery()) {
          if (row.next()) {
            return true;
          }
        }
      }
      return false;
    }
  }

  @Override
  public Optional<Row> readWhole(Connection connection, Row row) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(columns.formatted(Integer.MAX_VALUE) + from + "\"id\" = ?")) {
      statement.setInt(1, row.slot());
      statement.setLong(2, row.id());
      try (ResultSet result = statement.executeQuery()) {
        return result.next() ? Optional.of(row(result)) : Optional.empty();
      }
    }
  }

  private static Row row(ResultSet result) throws SQLException {
    return new Row(
        result.getInt(1),
        result.getLong(2),
        result.getObject(3, OffsetDateTime.class).toInstant(),
        OutboxMessage.stored(
            result.getObject(4, UUID.class),
            result.getString(5),
            result.getString(6),
            result.getString(7),
            result.getString(8),
            result.getBytes(9),
            result.getString(11),
            result.getString(12)),
        result.getInt(10));
  }

  /** In autocommit the lock on the slots would end at once: then it opens a transaction. */
  @Override
  public int delete(Connection connection, String owner, Map<Integer, Long> epochs, List<Row> rows)
      throws SQLException {
    boolean autoCommit = connection.getAutoCommit();
    if (!autoCommit) {
      return deleteOwned(connection, owner, epochs, rows);
    }
    connection.setAutoCommit(false);
    try {
      int deleted = deleteOwned(connection, owner, epochs, rows);
      connection.commit();
      return deleted;
    } catch (SQLException | RuntimeException | Error e) {
      connection.rollback();
      throw e;
    } finally {
      connection.setAutoCommit(true);
    }
  }

  private int deleteOwned(
      Connection connection, String owner, Map<Integer, Long> epochs, List<Row> rows)
      throws SQLException {
    try (PreparedStatement lock = connection.prepareStatement(own);
        PreparedStatement statement = connection.prepareStatement(delete)) {
      Set<Integer> owned = new HashSet<>();
      for (int slot : new TreeSet<>(epochs.keySet())) {
        if (owns(lock, slot, owner, epochs)) {
          owned.add(slot);
        }
      }
      for (Row row : rows) {
        if (owned.contains(row.slot())) {
          statement.setInt(1, row.slot());
          statement.setLong(2, row.id());
          statement.addBatch();
        }
      }
      int deleted = 0;
      for (int count : statement.executeBatch()) {
        deleted += count;
      }
      return deleted;
    }
  }

  private static boolean owns(
      PreparedStatement lock, int slot, String owner, Map<Integer, Long> epochs)
      throws SQLException {
    lock.setInt(1, slot);
    lock.setString(2, owner);
    try (ResultSet row = lock.executeQuery()) {
      return row.next() && Long.valueOf(row.getLong(1)).equals(epochs.get(slot));
    }
  }

  @Override
  public OptionalLong newest(Connection connection, List<Range> slots) {
    return OptionalLong.empty();
  }

  @Override
  public Optional<Appenders> appenders(Connection connection) {
    return Optional.empty();
  }

  @Override
  public void signal(Connection connection, Set<Integer> slots) {
    // H2 has no notifications; relays of the same process are woken in memory.
  }

  @Override
  public Field<String> endWhenSilent(Duration silence) {
    return DSL.inline("never");
  }

  @Override
  public Optional<Signals> listen(Connection connection) {
    return Optional.empty();
  }
}
