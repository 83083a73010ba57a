package io.inbox.spi;

import io.inbox.MessageKey;
import io.inbox.Reason;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way into the dead letters. Not thread-safe; fields are read by {@link Records}
 * only.
 */
public final class NewDeadLetter {
  /**
   * Identifies the copy, so that a redelivery of it is counted instead of stored again; null where
   * each one is a letter of its own.
   */
  public final byte @Nullable [] digest;

  /** Whose message it is; empty where there are no tenants. */
  public final String tenant;

  /** Which consumer gave it up. */
  public final String consumer;

  /** Its key, null where it has no usable id. */
  public final @Nullable MessageKey key;

  /** Why it was given up. */
  public final Reason reason;

  /** How many attempts were counted. */
  public int attempts;

  /** What the last attempt threw, or null. */
  public @Nullable String error;

  /** Its message time, or null. */
  public @Nullable Instant time;

  /** Its subject, or null. */
  public @Nullable String subject;

  /** Its correlation id, or null. */
  public @Nullable String correlationId;

  /** Its fingerprint, or null. */
  public byte @Nullable [] fingerprint;

  /** Its headers. */
  public Map<String, String> headers = Map.of();

  /** Its payload, or null. */
  public byte @Nullable [] payload;

  /** Creates a letter with what every letter has. */
  public NewDeadLetter(
      byte @Nullable [] digest,
      String tenant,
      String consumer,
      @Nullable MessageKey key,
      Reason reason) {
    this.digest = digest;
    this.tenant = tenant;
    this.consumer = consumer;
    this.key = key;
    this.reason = reason;
  }
}
