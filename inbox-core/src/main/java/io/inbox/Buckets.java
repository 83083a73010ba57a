package io.inbox;

import io.inbox.error.ConfigurationException;
import io.inbox.internal.KeyTimes;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the keys of a consumer in buckets: a partition of the table for each day, in UTC, that a
 * key carries in itself, which the collector drops whole instead of deleting row by row. A
 * redelivery carries the same time, so it always meets the bucket that remembers it. On PostgreSQL
 * whose schema was prepared by {@code time-buckets.sql}. Immutable.
 *
 * <p>The time of the key counts as a message time does: a key from before the window is {@code
 * OutsideWindow} with {@link Reason#TOO_OLD}, one from too far in the future with {@link
 * Reason#TOO_FAR_AHEAD}, one from before the purge horizon with {@link Reason#PURGED}. Handling and
 * outcomes are the same otherwise. A message whose key carries no time is refused.
 *
 * <p>The buckets of the days ahead are made at start and, once an hour, by a thread that is about
 * to handle a message: in a transaction of its own, on one connection, waiting 5 s for locks at
 * most. A failure there is logged and tried again, as they are made a week ahead.
 *
 * <p>A consumer that has handled messages without buckets gets there in two steps, while it goes
 * on: first all its nodes with {@link #moving}, then all without.
 */
public final class Buckets {
  private static final String UUID_V7 = "uuid-v7";
  private static final String ULID = "ulid";
  private static final String MESSAGE_TIME = "message-time";
  private static final List<String> BUILT_IN = List.of(UUID_V7, ULID, MESSAGE_TIME);
  private static final Pattern KIND = Pattern.compile("[a-z][a-z0-9_-]{0,49}");

  private final String kind;
  private final Function<Message, @Nullable Instant> time;
  private final boolean moving;

  private Buckets(String kind, Function<Message, @Nullable Instant> time, boolean moving) {
    this.kind = kind;
    this.time = time;
    this.moving = moving;
  }

  /** By message ids that are UUIDs of version 7 (RFC 9562), in their text form of 36 characters. */
  public static Buckets byUuidV7() {
    return new Buckets(UUID_V7, message -> KeyTimes.ofUuidV7(message.id()), false);
  }

  /** By message ids that are ULIDs, in their text form of 26 characters. */
  public static Buckets byUlid() {
    return new Buckets(ULID, message -> KeyTimes.ofUlid(message.id()), false);
  }

  /**
   * By {@link Message#time()}, where the source gives a message the same time in every delivery: a
   * broker's timestamp of the stored record, or the time of a CloudEvent. A message that comes
   * again with the time of another day is taken for another message.
   */
  public static Buckets byMessageTime() {
    return new Buckets(MESSAGE_TIME, message -> message.time().orElse(null), false);
  }

  /**
   * By a function of your own, such as one that reads the time out of a Snowflake id.
   *
   * @param kind its name, which is recorded: a consumer that comes with another one is refused; 1
   *     to 50 of {@code a-z}, {@code 0-9}, {@code -}, {@code _}, a letter first
   * @param time returns the time that the key of a message carries: the same for every delivery of
   *     it, on every node and in every release; null if it carries none. Must not block
   * @throws ConfigurationException if the name breaks the rule or is one of the built-in ones, or
   *     the function is null
   */
  public static Buckets by(String kind, Function<Message, @Nullable Instant> time) {
    if (kind == null || !KIND.matcher(kind).matches() || BUILT_IN.contains(kind)) {
      throw new ConfigurationException(
          "IBX-212",
          "'"
              + kind
              + "' cannot name a kind of buckets (1 to 50 of a-z, 0-9, - and _, a letter first, none of "
              + String.join(", ", BUILT_IN)
              + ")");
    }
    @Nullable Object given = time;
    if (given == null) {
      throw new ConfigurationException(
          "IBX-204", "the function that tells the time of a key is null (kind " + kind + ")");
    }
    return new Buckets(kind, time, false);
  }

  /**
   * Returns these buckets for nodes that work beside nodes without buckets: keys are claimed in
   * both places. Once every node of the consumer runs with this, deploy without.
   */
  public Buckets moving() {
    return new Buckets(kind, time, true);
  }

  /** Returns the name of how the day of a key is known. */
  public String kind() {
    return kind;
  }

  /** Returns whether there are nodes without buckets beside this one. */
  public boolean isMoving() {
    return moving;
  }

  /**
   * Returns the time that the key of a message carries, empty if it carries none. Throws what a
   * function of your own throws.
   */
  public Optional<Instant> timeOf(Message message) {
    return Optional.ofNullable(time.apply(message));
  }

  /** Returns the kind. */
  @Override
  public String toString() {
    return moving ? kind + ", moving" : kind;
  }
}
