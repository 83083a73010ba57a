package io.inbox.spi;

import io.inbox.Reason;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What the database answered to a claim. */
public sealed interface ClaimAnswer {
  /** The answer of a claim that inserted its row. */
  ClaimAnswer WON = new Won();

  /** The answer of a claim that waited as long as it may; the transaction must be rolled back. */
  ClaimAnswer BUSY = new Busy();

  /** The row was inserted: the key belongs to this transaction. */
  record Won() implements ClaimAnswer {}

  /** Another transaction holds the key. */
  record Busy() implements ClaimAnswer {}

  /**
   * A committed row holds the key.
   *
   * @param deadLettered whether it marks a key that was given up
   * @param handledAt when it was written, by the database's clock
   * @param fingerprint its fingerprint, or null
   */
  @SuppressWarnings("ArrayRecordComponent") // compared with Arrays.equals where it is compared
  record Lost(boolean deadLettered, Instant handledAt, byte @Nullable [] fingerprint)
      implements ClaimAnswer {}

  /**
   * No row holds the key and the message time is out of bounds, both seen by one statement.
   *
   * @param reason which bound
   */
  record Outside(Reason reason) implements ClaimAnswer {}
}
