package io.inbox.testkit.fault;

import io.inbox.spi.OutboxStatements;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jooq.Field;
import org.jspecify.annotations.Nullable;

/** Statements that pass everything on to others: the base of some that do something else. */
public class ForwardingOutbox implements OutboxStatements {
  private final OutboxStatements outbox;

  /** Creates some that pass on to {@code outbox}. */
  protected ForwardingOutbox(OutboxStatements outbox) {
    this.outbox = outbox;
  }

  @Override
  public int slots(Connection connection) throws SQLException {
    return outbox.slots(connection);
  }

  @Override
  public void append(Connection connection, List<Appended> messages) throws SQLException {
    outbox.append(connection, messages);
  }

  @Override
  public boolean appendsWithCommit(List<Appended> messages) {
    return outbox.appendsWithCommit(messages);
  }

  @Override
  public @Nullable SQLWarning appendAndCommit(Connection connection, List<Appended> messages)
      throws SQLException {
    return outbox.appendAndCommit(connection, messages);
  }

  @Override
  public List<Row> read(
      Connection connection,
      String owner,
      List<Range> slots,
      int rowsPerSlot,
      Set<String> withoutTopics)
      throws SQLException {
    return outbox.read(connection, owner, slots, rowsPerSlot, withoutTopics);
  }

  @Override
  public boolean any(Connection connection, List<Range> slots) throws SQLException {
    return outbox.any(connection, slots);
  }

  @Override
  public Optional<Row> readWhole(Connection connection, Row row) throws SQLException {
    return outbox.readWhole(connection, row);
  }

  @Override
  public int delete(Connection connection, String owner, Map<Integer, Long> epochs, List<Row> rows)
      throws SQLException {
    return outbox.delete(connection, owner, epochs, rows);
  }

  @Override
  public OptionalLong newest(Connection connection, List<Range> slots) throws SQLException {
    return outbox.newest(connection, slots);
  }

  @Override
  public Optional<Appenders> appenders(Connection connection) throws SQLException {
    return outbox.appenders(connection);
  }

  @Override
  public void signal(Connection connection, Set<Integer> slots) throws SQLException {
    outbox.signal(connection, slots);
  }

  @Override
  public Field<String> endWhenSilent(Duration silence) {
    return outbox.endWhenSilent(silence);
  }

  @Override
  public Optional<Signals> listen(Connection connection) throws SQLException {
    return outbox.listen(connection);
  }
}
