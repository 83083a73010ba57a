package io.inbox.spi;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Claims keys for one consumer, in the transaction of the given connection: the hot path.
 * Statements are prepared from constant text. Thread-safe.
 *
 * <p>Every method leaves the connection's lock timeout as it found it, unless the answer is {@link
 * ClaimAnswer#BUSY} or it throws.
 */
public interface Claims {
  /**
   * Claims one key, waiting for a concurrent transaction on it no longer than the policy says.
   *
   * @throws io.inbox.error.IntegrityException when the key is taken and yet nobody's row can be
   *     seen
   * @throws SQLException anything the database refuses
   */
  ClaimAnswer claim(Connection connection, ClaimRequest request) throws SQLException;

  /**
   * Claims many keys.
   *
   * @param requests of distinct keys of one tenant, in the order of {@link
   *     io.inbox.MessageKey#compareTo}, which keeps two batches from deadlocking
   * @return one answer for each request, in their order; or a list of one {@link ClaimAnswer#BUSY}
   *     when any of them had to wait too long
   * @throws SQLException anything the database refuses
   */
  List<ClaimAnswer> claimAll(Connection connection, List<ClaimRequest> requests)
      throws SQLException;
}
