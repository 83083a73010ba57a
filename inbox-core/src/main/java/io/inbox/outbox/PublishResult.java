package io.inbox.outbox;

import org.jspecify.annotations.Nullable;

/** What became of one message that was given to a {@link Publisher}. Immutable. */
public final class PublishResult {
  private static final int MOST_CHARACTERS = 2_000;
  private static final PublishResult SENT = new PublishResult(Kind.SENT, null);
  private static final PublishResult SKIPPED = new PublishResult(Kind.SKIPPED, null);

  private final Kind kind;
  private final @Nullable String error;

  private PublishResult(Kind kind, @Nullable String error) {
    this.kind = kind;
    this.error = error == null ? null : storable(error);
  }

  /** It is stored beside the message, and no text in a database can hold U+0000. */
  private static String storable(String error) {
    String text = error.replace('\0', ' ');
    return text.length() <= MOST_CHARACTERS ? text : text.substring(0, MOST_CHARACTERS);
  }

  /** What can become of a message. */
  public enum Kind {
    /** The receiver has it. */
    SENT,

    /** It was not tried, because an earlier one of its topic and key failed. */
    SKIPPED,

    /** It failed and may succeed later: an attempt is counted, and its key waits. */
    FAILED,

    /** It can never be sent, for example because it is too large. */
    REJECTED,

    /** The destination cannot be reached: no message is at fault, no attempt is counted. */
    UNAVAILABLE
  }

  /** Returns that the receiver has confirmed the message. */
  public static PublishResult sent() {
    return SENT;
  }

  /** Returns that the message was not tried. */
  public static PublishResult skipped() {
    return SKIPPED;
  }

  /**
   * Returns that the message failed and is to be tried again.
   *
   * @param error why, for people; never the payload
   */
  public static PublishResult failed(String error) {
    return new PublishResult(Kind.FAILED, error);
  }

  /**
   * Returns that the message can never be sent.
   *
   * @param error why, for people; never the payload
   */
  public static PublishResult rejected(String error) {
    return new PublishResult(Kind.REJECTED, error);
  }

  /**
   * Returns that the destination cannot be reached.
   *
   * @param error why, for people
   */
  public static PublishResult unavailable(String error) {
    return new PublishResult(Kind.UNAVAILABLE, error);
  }

  /** Returns what became of the message. */
  public Kind kind() {
    return kind;
  }

  /** Returns why it was not sent; null where it was sent or skipped. */
  public @Nullable String error() {
    return error;
  }

  /** Returns kind and error. */
  @Override
  public String toString() {
    return error == null ? kind.toString() : kind + ": " + error;
  }
}
