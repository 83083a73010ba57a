package io.inbox.internal;

import io.inbox.MessageKey;
import io.inbox.Reason;
import io.inbox.error.IntegrityException;
import io.inbox.spi.ClaimAnswer;
import io.inbox.spi.ClaimRequest;
import io.inbox.spi.Records.StoredResult;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** What is done about messages whose claim was not won, in the transaction that learnt it. */
final class Losers {
  private Losers() {}

  /** Returns whether a row holds the key for another content. */
  static boolean mismatch(ClaimRequest request, ClaimAnswer.Lost lost) {
    return request.fingerprint() != null
        && lost.fingerprint() != null
        && !MessageDigest.isEqual(request.fingerprint(), lost.fingerprint());
  }

  /**
   * Stores the copy that must not be handled, or counts it if it is stored; returns the dead
   * letter's id.
   */
  static long store(Wiring wiring, Connection connection, ClaimRequest request, Reason reason)
      throws SQLException {
    return wiring
        .store
        .records()
        .addDeadLetter(
            connection, Letters.of(request, reason, 0, null), Letters.digest(request, reason));
  }

  /** Returns the stored result of the first handling, verified. */
  static Optional<byte[]> firstResult(Wiring wiring, Connection connection, MessageKey key)
      throws SQLException {
    Optional<StoredResult> stored = wiring.store.records().result(connection, key);
    if (stored.isPresent() && !stored.get().isOf(key)) {
      throw new IntegrityException(
          "IBX-140",
          "the stored result of "
              + key
              + " does not match its signature: the row was changed by somebody else (restore it, or delete it so that duplicates get none)");
    }
    return stored.map(StoredResult::result);
  }
}
