package io.inbox.reconciler;

import io.inbox.error.UsageException;
import org.jspecify.annotations.Nullable;

/**
 * Which findings to list. Immutable; each method returns another query.
 *
 * @param limit how many at most, 1 to 1,000
 * @param after only those with a greater id: pass the last id of the page before; 0 for the first
 *     page
 * @param state only those in this state
 * @param check only those of this check; null for any
 * @param kind only those of this kind; null for any
 * @param consumer only those of this consumer; null for any
 * @param item only those about this item, such as a message id; null for any
 */
public record FindingQuery(
    int limit,
    long after,
    Finding.State state,
    @Nullable String check,
    @Nullable String kind,
    @Nullable String consumer,
    @Nullable String item) {
  private static final int MOST = 1_000;

  /**
   * Checks the limit.
   *
   * @throws UsageException if it is not 1 to 1,000
   */
  public FindingQuery {
    if (limit < 1 || limit > MOST) {
      throw new UsageException(
          "IBX-702",
          "limit is "
              + limit
              + ", it must be 1 to 1,000 (list page by page, see FindingQuery.after)");
    }
  }

  /** Returns a query for the first open findings. */
  public static FindingQuery first(int limit) {
    return new FindingQuery(limit, 0, Finding.State.OPEN, null, null, null, null);
  }

  /** Returns a query for the page after a finding. */
  public FindingQuery after(long id) {
    return new FindingQuery(limit, id, state, check, kind, consumer, item);
  }

  /** Returns a query for another state. */
  public FindingQuery in(Finding.State other) {
    return new FindingQuery(limit, after, other, check, kind, consumer, item);
  }

  /** Returns a query for one check. */
  public FindingQuery ofCheck(@Nullable String other) {
    return new FindingQuery(limit, after, state, other, kind, consumer, item);
  }

  /** Returns a query for one kind. */
  public FindingQuery ofKind(@Nullable String other) {
    return new FindingQuery(limit, after, state, check, other, consumer, item);
  }

  /** Returns a query for one consumer. */
  public FindingQuery ofConsumer(@Nullable String other) {
    return new FindingQuery(limit, after, state, check, kind, other, item);
  }

  /** Returns a query for one item, such as a message id. */
  public FindingQuery about(@Nullable String other) {
    return new FindingQuery(limit, after, state, check, kind, consumer, other);
  }
}
