package io.inbox.torture.wire;

/**
 * What became of one delivery.
 *
 * @param kind the outcome
 * @param retryAfterMillis when to deliver again, where it was not settled
 * @param reason why, for people
 */
public record Answer(Kind kind, long retryAfterMillis, String reason) {
  /** The outcomes of the library, and what it threw instead of one. */
  public enum Kind {
    /** Handled now. */
    PROCESSED(true),
    /** Handled before. */
    DUPLICATE(true),
    /** Handled before with another content. */
    MISMATCH(true),
    /** From before the window. */
    OUTSIDE_WINDOW(true),
    /** Given up. */
    DEAD_LETTERED(true),
    /** Rolled back. */
    FAILED(false),
    /** Not decided. */
    IN_FLIGHT(false),
    /** An exception or error left the call. */
    THREW(false);

    private final boolean acknowledge;

    Kind(boolean acknowledge) {
      this.acknowledge = acknowledge;
    }

    /** Returns whether the delivery is acknowledged. */
    public boolean acknowledge() {
      return acknowledge;
    }
  }
}
