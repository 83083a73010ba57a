package io.inbox;

import io.inbox.error.UsageException;
import org.jspecify.annotations.Nullable;

/**
 * Which dead letters to list. Immutable; each method returns another query.
 *
 * @param limit how many at most, 1 to 1,000
 * @param after only those with a greater id: pass the last id of the page before; 0 for the first
 *     page
 * @param state only those in this state
 * @param reason only those given up for this reason; null for any
 */
public record DeadLetterQuery(
    int limit, long after, DeadLetter.State state, @Nullable Reason reason) {
  private static final int MOST = 1_000;

  /**
   * Checks the limit.
   *
   * @throws UsageException if it is not 1 to 1,000
   */
  public DeadLetterQuery {
    if (limit < 1 || limit > MOST) {
      throw new UsageException(
          "IBX-702",
          "limit is "
              + limit
              + ", it must be 1 to 1,000 (list page by page, see DeadLetterQuery.after)");
    }
  }

  /** Returns a query for the first open dead letters, of any reason. */
  public static DeadLetterQuery first(int limit) {
    return new DeadLetterQuery(limit, 0, DeadLetter.State.OPEN, null);
  }

  /** Returns a query for the page after a dead letter. */
  public DeadLetterQuery after(long id) {
    return new DeadLetterQuery(limit, id, state, reason);
  }

  /** Returns a query for another state. */
  public DeadLetterQuery in(DeadLetter.State other) {
    return new DeadLetterQuery(limit, after, other, reason);
  }

  /** Returns a query for one reason. */
  public DeadLetterQuery because(Reason other) {
    return new DeadLetterQuery(limit, after, state, other);
  }
}
