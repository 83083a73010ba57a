package io.inbox.spi;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Keeps the watermarks of one consumer, one row for each, in the transaction of the given
 * connection. Thread-safe.
 */
public interface Watermarks {
  /** The position of a watermark below which nothing was handled yet. */
  long NONE = -1;

  /**
   * Makes the caller the owner: raises the epoch by one, so that no earlier owner can move the
   * watermark any more, and returns where it stands. Creates the row at the first time.
   *
   * <p>Waits for a transaction in flight that moves it, no longer than the policy says; that fails
   * with a lock timeout. May leave the connection's lock timeout changed until the transaction
   * ends.
   */
  Mark takeOver(Connection connection, WatermarkKey key) throws SQLException;

  /**
   * Moves the watermark if it still stands where the caller believes, in the epoch of the caller;
   * compares with what is committed when the row is locked, not with an older snapshot. Moving it
   * to where it stands only locks it.
   *
   * <p>Leaves the connection's lock timeout as it found it if it returns {@link Move#MOVED}, or
   * after {@link #read} if it returns {@link Move#ELSEWHERE}.
   */
  Move move(Connection connection, WatermarkKey key, Mark from, long to) throws SQLException;

  /**
   * Returns where the watermark stands. Once the transaction has committed, that is durable, too.
   */
  Optional<Mark> read(Connection connection, WatermarkKey key) throws SQLException;

  /**
   * Where a watermark stands.
   *
   * @param epoch how often it was taken over
   * @param position the highest position handled, {@link #NONE} before the first
   */
  record Mark(long epoch, long position) {}

  /** What became of a move. */
  enum Move {
    /** It is this transaction's. */
    MOVED,

    /** It was not where the caller believed: another epoch or another position, or no row. */
    ELSEWHERE,

    /** Another transaction held it as long as may be waited; this one must be rolled back. */
    BUSY
  }
}
