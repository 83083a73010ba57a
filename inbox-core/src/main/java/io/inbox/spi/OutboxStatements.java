package io.inbox.spi;

import io.inbox.outbox.OutboxMessage;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jooq.Field;
import org.jspecify.annotations.Nullable;

/**
 * The statements of the outbox that run for every message, and the wake-up between processes. What
 * runs seldom is the library's own, in portable SQL. Thread-safe.
 */
public interface OutboxStatements {
  /**
   * Returns how many slots there are, having checked that ids are given in the order of their
   * inserts.
   *
   * @throws io.inbox.error.ConfigurationException if they are not
   */
  int slots(Connection connection) throws SQLException;

  /** Inserts messages in their order: by one statement, unless that would be too large. */
  void append(Connection connection, List<Appended> messages) throws SQLException;

  /**
   * Returns whether {@link #appendAndCommit} can write these messages. Does not ask the database.
   */
  boolean appendsWithCommit(List<Appended> messages);

  /**
   * Inserts messages in their order and commits, in one round trip, as {@link
   * UnitOfWork.LastWrite#writeAndCommit} does.
   *
   * @return what the server remarked, null if nothing
   * @throws SQLException from the INSERT or from the COMMIT; nothing is committed if the INSERT
   *     failed
   */
  @Nullable SQLWarning appendAndCommit(Connection connection, List<Appended> messages)
      throws SQLException;

  /**
   * Returns the oldest rows of each slot in the order of their ids, slot by slot, as one snapshot
   * in which the owner held the slot under that epoch; none of a slot that it has lost.
   *
   * @param connection in autocommit
   * @param slots where to start in each slot
   * @param rowsPerSlot how many rows of a slot at most
   * @param withoutTopics topics whose rows are passed over
   */
  List<Row> read(
      Connection connection,
      String owner,
      List<Range> slots,
      int rowsPerSlot,
      Set<String> withoutTopics)
      throws SQLException;

  /**
   * Returns whether any of the slots has a row above its bound, by one statement that costs little.
   */
  boolean any(Connection connection, List<Range> slots) throws SQLException;

  /** Returns a row with its payload; empty if it is gone. */
  Optional<Row> readWhole(Connection connection, Row row) throws SQLException;

  /**
   * Deletes exactly these rows, in the slots that the owner still holds under these epochs, by one
   * statement that holds those slots until its transaction ends.
   *
   * @param connection in autocommit or not
   * @return how many were deleted
   */
  int delete(Connection connection, String owner, Map<Integer, Long> epochs, List<Row> rows)
      throws SQLException;

  /**
   * Returns the greatest id among the visible rows of these slots above their bounds; empty if
   * there are none, or where {@link #appenders} cannot tell. It costs little however many there
   * are.
   */
  OptionalLong newest(Connection connection, List<Range> slots) throws SQLException;

  /**
   * Returns the transactions that may have drawn an id and have not ended, other than this one;
   * empty where the database cannot tell. A row that becomes visible later was inserted by one of
   * them or has a greater id than any seen before.
   */
  Optional<Appenders> appenders(Connection connection) throws SQLException;

  /**
   * Tells listening relays, at the commit, that these slots have rows; does nothing where there are
   * no signals. The transaction may do nothing else: its commit need not be durable.
   */
  void signal(Connection connection, Set<Integer> slots) throws SQLException;

  /**
   * Returns a column for queries that lock rows: the server ends their transaction, and the
   * session, if the client is silent for so long within it. What was locked by a relay that was
   * paused, or whose machine is gone, is then free for others. A constant where the database cannot
   * do that.
   */
  Field<String> endWhenSilent(Duration silence);

  /** Starts listening for signals; empty where the database has none. */
  Optional<Signals> listen(Connection connection) throws SQLException;

  /** Signals that arrive on one connection. Used by one thread. */
  interface Signals extends AutoCloseable {
    /**
     * Waits for signals.
     *
     * @return the slots that have rows; empty when the time is over
     */
    Set<Integer> await(Duration atMost) throws SQLException;

    /** Stops listening: the connection goes back to a pool. */
    @Override
    void close() throws SQLException;
  }

  /**
   * Transactions that have not ended, by names that differ between all transactions of a database.
   *
   * @param running those that a session runs
   * @param prepared those prepared for two-phase commit, each under another name than while it ran
   */
  record Appenders(Set<String> running, Set<String> prepared) {}

  /**
   * What is to be read of a slot.
   *
   * @param slot the slot
   * @param epoch under which the owner holds it
   * @param after every row at or below that id is known to be gone
   */
  record Range(int slot, long epoch, long after) {}

  /**
   * A message on its way into the table.
   *
   * @param slot the slot its key belongs to
   * @param message the message
   * @param headers its headers as they are stored
   */
  record Appended(int slot, OutboxMessage message, String headers) {}

  /**
   * A row of the table.
   *
   * @param slot its slot
   * @param id its place in the slot
   * @param appendedAt when it was appended, by the database's clock
   * @param message the message; without its payload where that is longer than {@link #INLINE_BYTES}
   * @param payloadBytes how long the payload is, -1 for none
   */
  record Row(int slot, long id, Instant appendedAt, OutboxMessage message, int payloadBytes) {
    /** How long a payload may be to come with {@link OutboxStatements#read}. */
    public static final int INLINE_BYTES = 4 * 1024;

    /** Returns whether the payload was left out because it is long. */
    public boolean partial() {
      return payloadBytes > INLINE_BYTES && !message.hasPayload();
    }
  }
}
