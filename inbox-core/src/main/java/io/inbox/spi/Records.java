package io.inbox.spi;

import io.inbox.DeadLetter;
import io.inbox.DeadLetterQuery;
import io.inbox.MessageKey;
import io.inbox.internal.ResultSignature;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes what stands beside the claims, in the transaction of the given connection.
 * Thread-safe.
 */
public interface Records {
  /**
   * Returns (version, compatible-from) of the newest migration, empty where the table has no row.
   */
  Optional<SchemaStamp> schema(Connection connection) throws SQLException;

  /** Writes or updates the consumer's row, so that the collector and the checks know its window. */
  void register(Connection connection, ClaimPolicy policy) throws SQLException;

  /** Stores the result of a first handling. */
  void saveResult(Connection connection, MessageKey key, byte[] result, byte[] signature)
      throws SQLException;

  /** Returns the stored result. */
  Optional<StoredResult> result(Connection connection, MessageKey key) throws SQLException;

  /** Counts one failed attempt and returns how many there are now. */
  int countAttempt(Connection connection, MessageKey key, String error) throws SQLException;

  /** Forgets the attempts of a key. */
  void forgetAttempts(Connection connection, MessageKey key) throws SQLException;

  /** Marks a claimed key as given up. */
  void markDeadLettered(Connection connection, MessageKey key) throws SQLException;

  /**
   * Marks a claimed or given-up key as handled now, by the copy with this fingerprint and message
   * time.
   */
  void markHandled(
      Connection connection,
      MessageKey key,
      byte @Nullable [] fingerprint,
      @Nullable Instant messageTime)
      throws SQLException;

  /**
   * Stores a dead letter, or counts one more delivery of the copy that is stored already; returns
   * its id.
   *
   * @param letter what to store; its id, state and times are given by the database
   * @param digest identifies the copy; null where each letter is one of its own
   */
  long addDeadLetter(Connection connection, DeadLetter letter, byte @Nullable [] digest)
      throws SQLException;

  /** Returns dead letters in the order of their ids, without headers and payload. */
  List<DeadLetter> deadLetters(
      Connection connection, String tenant, String consumer, DeadLetterQuery query)
      throws SQLException;

  /**
   * Returns one dead letter with headers and payload.
   *
   * @param lock whether to lock its row until the transaction ends
   */
  Optional<DeadLetter> deadLetter(
      Connection connection, String tenant, String consumer, long id, boolean lock)
      throws SQLException;

  /** Ends a dead letter. */
  void resolve(Connection connection, long id, DeadLetter.State state, @Nullable String resolution)
      throws SQLException;

  /**
   * Records keys as handled at given times, skipping those that are known; returns how many were
   * new.
   *
   * @param handled distinct keys with their times, in key order
   */
  int backfill(Connection connection, Map<MessageKey, Instant> handled) throws SQLException;

  /**
   * What a migration recorded.
   *
   * @param version the newest migration
   * @param compatibleFrom the oldest version of the library's schema knowledge that still works
   *     with it
   */
  record SchemaStamp(int version, int compatibleFrom) {}

  /**
   * A stored result.
   *
   * @param result the encoded result
   * @param signature what proves it unchanged
   */
  @SuppressWarnings(
      "ArrayRecordComponent") // compared with MessageDigest.isEqual where it is compared
  record StoredResult(byte[] result, byte[] signature) {
    /** Returns whether the signature proves that the result is this key's and unchanged. */
    public boolean isOf(MessageKey key) {
      return MessageDigest.isEqual(ResultSignature.of(key, result), signature);
    }
  }
}
