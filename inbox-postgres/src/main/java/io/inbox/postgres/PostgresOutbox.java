package io.inbox.postgres;

import io.inbox.error.ConfigurationException;
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
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jooq.Field;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGStatement;

/** The outbox in PostgreSQL's own SQL. */
final class PostgresOutbox implements OutboxStatements {
  private static final Comparator<Row> BY_SLOT_AND_ID =
      Comparator.comparingInt(Row::slot).thenComparingLong(Row::id);

  private final OutboxSql sql;
  private final OutboxInserts inserts;

  PostgresOutbox(Tables tables) {
    this.sql = new OutboxSql(tables);
    this.inserts = new OutboxInserts(sql.table);
  }

  @Override
  public int slots(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql.slots)) {
      row.next();
      long cache = row.getLong(2);
      if (cache > 1) {
        throw new ConfigurationException(
            "IBX-508",
            "the sequence of "
                + sql.table
                + " has CACHE "
                + cache
                + ": sessions would draw ids out of order, and messages of one key would be published out of order (ALTER SEQUENCE ... CACHE 1)");
      }
      if (row.getInt(1) == 0) {
        throw new SchemaException(
            "IBX-514", sql.slotTable + " has no slots: a migration did not end (run it again)");
      }
      return row.getInt(1);
    }
  }

  @Override
  public void append(Connection connection, List<Appended> messages) throws SQLException {
    inserts.insert(connection, messages);
  }

  @Override
  public boolean appendsWithCommit(List<Appended> messages) {
    return inserts.fitsOneStatement(messages);
  }

  @Override
  public @Nullable SQLWarning appendAndCommit(Connection connection, List<Appended> messages)
      throws SQLException {
    return inserts.insertAndCommit(connection, messages);
  }

  @Override
  public List<Row> read(
      Connection connection,
      String owner,
      List<Range> slots,
      int rowsPerSlot,
      Set<String> withoutTopics)
      throws SQLException {
    List<Row> rows;
    connection.setAutoCommit(false);
    try {
      rows = readOldest(connection, owner, slots, rowsPerSlot, withoutTopics);
      connection.commit();
    } catch (SQLException | RuntimeException | Error e) {
      end(connection, e);
      throw e;
    }
    connection.setAutoCommit(true);
    return rows;
  }

  private static void end(Connection connection, Throwable failed) {
    try {
      connection.rollback();
      connection.setAutoCommit(true);
    } catch (SQLException e) {
      failed.addSuppressed(e);
    }
  }

  private List<Row> readOldest(
      Connection connection,
      String owner,
      List<Range> slots,
      int rowsPerSlot,
      Set<String> withoutTopics)
      throws SQLException {
    List<Row> rows = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(withoutTopics.isEmpty() ? sql.read : sql.readWithoutTopics)) {
      bind(connection, statement, slots);
      statement.setString(4, owner);
      int at = 5;
      if (!withoutTopics.isEmpty()) {
        statement.setArray(at++, connection.createArrayOf("text", withoutTopics.toArray()));
      }
      statement.setInt(at, rowsPerSlot);
      statement.execute(); // the settings, in the same round trip
      statement.getMoreResults();
      statement.getMoreResults();
      try (ResultSet result = statement.getResultSet()) {
        while (result.next()) {
          rows.add(row(result));
        }
      }
    }
    rows.sort(BY_SLOT_AND_ID); // they come so, but no join promises it
    return rows;
  }

  @Override
  public boolean any(Connection connection, List<Range> slots) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.any)) {
      bindBounds(connection, statement, slots);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getBoolean(1);
      }
    }
  }

  @Override
  public OptionalLong newest(Connection connection, List<Range> slots) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.newest)) {
      planEachTime(statement);
      bindBounds(connection, statement, slots);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        long newest = row.getLong(1);
        return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(newest);
      }
    }
  }

  @Override
  public Optional<Row> readWhole(Connection connection, Row row) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.readWhole)) {
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

  @Override
  public int delete(Connection connection, String owner, Map<Integer, Long> epochs, List<Row> rows)
      throws SQLException {
    TreeMap<Integer, List<Long>> ids = new TreeMap<>();
    for (Row row : rows) {
      ids.computeIfAbsent(row.slot(), unused -> new ArrayList<>()).add(row.id());
    }
    int slots = ids.size();
    Short[] slot = new Short[slots];
    Long[] low = new Long[slots];
    Long[] high = new Long[slots];
    String[] lists = new String[slots]; // an array of arrays would have to be rectangular
    int i = 0;
    for (Map.Entry<Integer, List<Long>> entry : ids.entrySet()) {
      slot[i] = entry.getKey().shortValue();
      low[i] = Collections.min(entry.getValue());
      high[i] = Collections.max(entry.getValue());
      lists[i++] =
          entry.getValue().stream().map(String::valueOf).collect(Collectors.joining(",", "{", "}"));
    }
    try (PreparedStatement statement = connection.prepareStatement(sql.delete)) {
      planEachTime(statement);
      bindPairs(connection, statement, 1, epochs);
      statement.setString(3, owner);
      statement.setArray(4, connection.createArrayOf("int2", slot));
      statement.setArray(5, connection.createArrayOf("int8", low));
      statement.setArray(6, connection.createArrayOf("int8", high));
      statement.setArray(7, connection.createArrayOf("text", lists));
      return statement.executeUpdate();
    }
  }

  /** Keeps the server from keeping a plan. */
  private static void planEachTime(PreparedStatement statement) throws SQLException {
    if (statement.isWrapperFor(PGStatement.class)) {
      statement.unwrap(PGStatement.class).setPrepareThreshold(0);
    }
  }

  @Override
  public Optional<Appenders> appenders(Connection connection) throws SQLException {
    Set<String> running = new HashSet<>();
    Set<String> prepared = new HashSet<>();
    try (PreparedStatement statement = connection.prepareStatement(sql.appenders);
        ResultSet result = statement.executeQuery()) {
      while (result.next()) {
        (result.getBoolean(2) ? prepared : running).add(result.getString(1));
      }
    }
    return Optional.of(new Appenders(running, prepared));
  }

  @Override
  public void signal(Connection connection, Set<Integer> slots) throws SQLException {
    // Its transaction writes nothing that must last, so its commit need not wait for the disk.
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT pg_catalog.set_config('synchronous_commit', 'off', true), pg_catalog.pg_notify(?, ?)")) {
      statement.setString(1, sql.channel);
      statement.setString(2, SlotSignals.write(slots));
      statement.execute();
    }
  }

  @Override
  public Field<String> endWhenSilent(Duration silence) {
    return DSL.field(
        "pg_catalog.set_config('idle_in_transaction_session_timeout', {0}, true)",
        String.class, DSL.inline(silence.toMillis() + "ms"));
  }

  @Override
  public Optional<Signals> listen(Connection connection) throws SQLException {
    PGConnection driver = connection.unwrap(PGConnection.class);
    try (Statement statement = connection.createStatement()) {
      statement.execute("LISTEN \"" + sql.channel + '"');
    }
    return Optional.of(new SlotSignals(driver, connection, sql.channel));
  }

  private static void bind(Connection connection, PreparedStatement statement, List<Range> ranges)
      throws SQLException {
    Short[] slots = new Short[ranges.size()];
    Long[] epochs = new Long[ranges.size()];
    Long[] after = new Long[ranges.size()];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = (short) ranges.get(i).slot();
      epochs[i] = ranges.get(i).epoch();
      after[i] = ranges.get(i).after();
    }
    statement.setArray(1, connection.createArrayOf("int2", slots));
    statement.setArray(2, connection.createArrayOf("int8", epochs));
    statement.setArray(3, connection.createArrayOf("int8", after));
  }

  private static void bindBounds(
      Connection connection, PreparedStatement statement, List<Range> ranges) throws SQLException {
    Map<Integer, Long> from = new TreeMap<>();
    ranges.forEach(range -> from.put(range.slot(), range.after()));
    bindPairs(connection, statement, 1, from);
  }

  private static void bindPairs(
      Connection connection, PreparedStatement statement, int from, Map<Integer, Long> pairs)
      throws SQLException {
    Short[] left = new Short[pairs.size()];
    Long[] right = new Long[pairs.size()];
    int at = 0;
    for (Map.Entry<Integer, Long> pair : pairs.entrySet()) {
      left[at] = pair.getKey().shortValue();
      right[at++] = pair.getValue();
    }
    statement.setArray(from, connection.createArrayOf("int2", left));
    statement.setArray(from + 1, connection.createArrayOf("int8", right));
  }
}
