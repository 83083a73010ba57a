package io.inbox;

import java.util.Objects;

/**
 * Why an outcome is what it is. The list is open on purpose: later modes add reasons, so this is a
 * value to compare with {@link #equals}, not an enum that an exhaustive switch would break on.
 */
public final class Reason {
  /** The key is in the inbox already. */
  public static final Reason SAME_KEY = new Reason("SAME_KEY");

  /** The message time lies further back than the dedupe window. */
  public static final Reason TOO_OLD = new Reason("TOO_OLD");

  /**
   * The message time lies before the consumer's purge horizon: a row for it may have been
   * collected.
   */
  public static final Reason PURGED = new Reason("PURGED");

  /** The message time lies further in the future than allowed. */
  public static final Reason TOO_FAR_AHEAD = new Reason("TOO_FAR_AHEAD");

  /** The position lies at or behind the watermark of its partition: it was handled before. */
  public static final Reason BEHIND_WATERMARK = new Reason("BEHIND_WATERMARK");

  /** The same key came with another fingerprint. */
  public static final Reason MISMATCH = new Reason("MISMATCH");

  /** The handler failed as often as the retry policy allows. */
  public static final Reason ATTEMPTS_EXHAUSTED = new Reason("ATTEMPTS_EXHAUSTED");

  /**
   * The broker delivered the message more often than the retry policy allows without any handling
   * ending: it probably kills the process.
   */
  public static final Reason DELIVERIES_EXHAUSTED = new Reason("DELIVERIES_EXHAUSTED");

  /** The message has no usable id, so it cannot be claimed. */
  public static final Reason NO_USABLE_ID = new Reason("NO_USABLE_ID");

  /** The handler threw. */
  public static final Reason HANDLER_FAILED = new Reason("HANDLER_FAILED");

  /** The database could not be reached or lost the connection; not counted as an attempt. */
  public static final Reason DATABASE_UNAVAILABLE = new Reason("DATABASE_UNAVAILABLE");

  /**
   * Serialization failures or deadlocks outlasted the immediate retries; not counted as an attempt.
   */
  public static final Reason CONTENTION = new Reason("CONTENTION");

  /** The thread was interrupted in the handler; not counted as an attempt. */
  public static final Reason INTERRUPTED = new Reason("INTERRUPTED");

  /** The message breaks a limit of this inbox, so that it was not even claimed. */
  public static final Reason INVALID = new Reason("INVALID");

  /** Another transaction holds the same key and did not end within the bounded wait. */
  public static final Reason BUSY = new Reason("BUSY");

  /**
   * An earlier message of the same sequence in the same batch is not settled yet, so this one was
   * not tried; not counted as an attempt.
   */
  public static final Reason BEHIND_ANOTHER = new Reason("BEHIND_ANOTHER");

  /**
   * The partition was taken over by another owner, so nothing was done here; not counted as an
   * attempt.
   */
  public static final Reason FENCED = new Reason("FENCED");

  /** The connection was lost while committing and the key could not be claimed again yet. */
  public static final Reason COMMIT_IN_DOUBT = new Reason("COMMIT_IN_DOUBT");

  private final String code;

  private Reason(String code) {
    this.code = code;
  }

  /**
   * Returns the reason with a code, known or not, as read back from the database.
   *
   * @param code an upper-case code
   */
  public static Reason of(String code) {
    return new Reason(code);
  }

  /** Returns the stable code, the same in rows, logs and metrics. */
  public String code() {
    return code;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Reason reason && code.equals(reason.code);
  }

  @Override
  public int hashCode() {
    return Objects.hashCode(code);
  }

  /** Returns the code. */
  @Override
  public String toString() {
    return code;
  }
}
