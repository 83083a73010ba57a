package io.inbox.outbox;

import io.inbox.error.UsageException;
import org.jspecify.annotations.Nullable;

/**
 * Which dead letters of the outbox to list. Immutable; each method returns another query.
 *
 * @param limit how many at most, 1 to 1,000
 * @param after only those with a greater id: pass the last id of the page before; 0 for the first
 *     page
 * @param state only those in this state
 * @param topic only those for this topic; null for any
 */
public record OutboxDeadLetterQuery(
    int limit, long after, OutboxDeadLetter.State state, @Nullable String topic) {
  private static final int MOST = 1_000;

  /**
   * Checks the limit.
   *
   * @throws UsageException if it is not 1 to 1,000
   */
  public OutboxDeadLetterQuery {
    if (limit < 1 || limit > MOST) {
      throw new UsageException(
          "IBX-702",
          "limit is "
              + limit
              + ", it must be 1 to 1,000 (list page by page, see OutboxDeadLetterQuery.after)");
    }
  }

  /** Returns a query for the first open dead letters, of any topic. */
  public static OutboxDeadLetterQuery first(int limit) {
    return new OutboxDeadLetterQuery(limit, 0, OutboxDeadLetter.State.OPEN, null);
  }

  /** Returns a query for the page after a dead letter. */
  public OutboxDeadLetterQuery after(long id) {
    return new OutboxDeadLetterQuery(limit, id, state, topic);
  }

  /** Returns a query for another state. */
  public OutboxDeadLetterQuery in(OutboxDeadLetter.State other) {
    return new OutboxDeadLetterQuery(limit, after, other, topic);
  }

  /** Returns a query for one topic. */
  public OutboxDeadLetterQuery to(String other) {
    return new OutboxDeadLetterQuery(limit, after, state, other);
  }
}
