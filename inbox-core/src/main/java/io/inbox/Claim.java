package io.inbox;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the caller's own transaction found when it claimed a key. It is no verdict to acknowledge
 * on: only the caller's commit makes it true, so acknowledge after the commit returned, and never
 * after a rollback.
 */
public sealed interface Claim {
  /** Returns the claimed key. */
  MessageKey key();

  /**
   * The key is this transaction's: handle the message and commit.
   *
   * @param key the key
   */
  record First(MessageKey key) implements Claim {}

  /**
   * The key was handled before: do not handle the message.
   *
   * @param key the key
   * @param handledAt when, by the database's clock; null where the reason does not tell
   * @param reason why it is a duplicate
   */
  record Duplicate(MessageKey key, @Nullable Instant handledAt, Reason reason) implements Claim {}

  /**
   * The key was handled with another fingerprint: do not handle the message. The copy is stored as
   * a dead letter in this transaction.
   *
   * @param key the key
   * @param deadLetterId the dead letter that holds the copy once this transaction commits
   */
  record Mismatch(MessageKey key, long deadLetterId) implements Claim {}

  /**
   * The message time lies outside the dedupe window: do not handle the message. It is stored as a
   * dead letter in this transaction.
   *
   * @param key the key
   * @param reason which bound it breaks
   * @param deadLetterId the dead letter that holds the message once this transaction commits
   */
  record OutsideWindow(MessageKey key, Reason reason, long deadLetterId) implements Claim {}

  /**
   * The key was given up at an earlier delivery and waits as a dead letter: do not handle the
   * message.
   *
   * @param key the key
   * @param since when it was given up, by the database's clock
   */
  record DeadLettered(MessageKey key, Instant since) implements Claim {}
}
