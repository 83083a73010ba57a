package io.inbox;

import io.inbox.error.ConfigurationException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How concurrent calls of {@code process} share transactions: one claim statement and one commit
 * for all that wait at the same time. Immutable.
 *
 * <p>Nothing waits to be joined by others. A call that finds fewer than {@link #transactions} under
 * way begins at once; the calls that come while they are under way form the next one. So a lone
 * call is as quick as without, and the fuller the machine, the more calls share a commit.
 *
 * <p>Outcomes and guarantees are the same. A failing message does not take the others down: they
 * commit without it, and its handler and theirs may run again for that. What changes for a handler:
 * it may run on the thread of another caller, so it must not rely on thread-locals (key and
 * correlation id stand in the MDC as ever); it runs in turn with the others, so it should be short,
 * and must not wait for what they hold; row locks are held until all of them are done. Within a
 * transaction handlers run in the order of {@link Message#subject()}: where that names the row they
 * lock, two transactions cannot deadlock. Typed calls that store a result, batches, and messages
 * that were delivered too often have a transaction of their own all the same.
 *
 * <p>Defaults: two transactions at once, 100 messages in each, and 250 ms before a call that still
 * waits goes alone.
 */
public final class GroupCommit {
  private static final int MOST_MESSAGES = 10_000;
  private static final int MOST_TRANSACTIONS = 1_000;
  private static final Duration LONGEST = Duration.ofMinutes(5);
  private static final GroupCommit DEFAULTS = new GroupCommit(2, 100, Duration.ofMillis(250));

  private final int transactions;
  private final int messages;
  private final Duration patience;

  private GroupCommit(int transactions, int messages, Duration patience) {
    this.transactions = transactions;
    this.messages = messages;
    this.patience = patience;
  }

  /** Returns the defaults. */
  public static GroupCommit ofDefaults() {
    return DEFAULTS;
  }

  /**
   * Returns these options with another number of shared transactions at once, which is also the
   * number of connections they take: 1 to 1,000.
   *
   * @throws ConfigurationException if it is out of range
   */
  public GroupCommit transactions(int most) {
    require(
        most >= 1 && most <= MOST_TRANSACTIONS,
        "transactions is " + most + ", it must be 1 to 1,000");
    return new GroupCommit(most, messages, patience);
  }

  /**
   * Returns these options with another bound on the messages of one transaction: 2 to 10,000.
   *
   * @throws ConfigurationException if it is out of range
   */
  public GroupCommit messages(int most) {
    require(most >= 2 && most <= MOST_MESSAGES, "messages is " + most + ", it must be 2 to 10,000");
    return new GroupCommit(transactions, most, patience);
  }

  /**
   * Returns these options with another bound on how long a call waits for the transactions under
   * way before it begins one of its own, with a connection of its own: zero to 5 min. What it waits
   * for other handlers once it is in a transaction with them is not bounded.
   *
   * @throws ConfigurationException if it is out of range
   */
  public GroupCommit patience(Duration longest) {
    @Nullable Duration given = longest;
    require(
        given != null && !given.isNegative() && given.compareTo(LONGEST) <= 0,
        "patience is " + given + ", it must be zero to 5 min");
    return new GroupCommit(transactions, messages, longest);
  }

  /** Returns how many shared transactions are under way at once, at most. */
  public int transactions() {
    return transactions;
  }

  /** Returns how many messages share a transaction, at most. */
  public int messages() {
    return messages;
  }

  /** Returns how long a call waits before it goes alone. */
  public Duration patience() {
    return patience;
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new ConfigurationException("IBX-211", message);
    }
  }
}
