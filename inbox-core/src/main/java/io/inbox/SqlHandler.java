package io.inbox;

import io.inbox.internal.QueryDeliveries;
import java.util.Map;

/**
 * A handler that is nothing but queries: what {@link Inbox#sql} returns. Outcomes and guarantees
 * are those of {@link Inbox#process}; the outbox is out of its reach. Thread-safe.
 *
 * <pre>{@code
 * SqlHandler credit =
 *     inbox.sql(
 *         update(ACCOUNT)
 *             .set(BALANCE, BALANCE.plus(param("amount", Long.class)))
 *             .where(OWNER.eq(param("owner", String.class))));
 * Outcome<Void> outcome = credit.process(message, Map.of("owner", "alice", "amount", 7L));
 * }</pre>
 *
 * <p>A first delivery takes one round trip: one query is one statement with the claim, several are
 * sent one behind the other with BEGIN and COMMIT. Everything else (a duplicate, a key that is
 * held, a query that fails, a connection that is lost) is decided as {@code process} does, by
 * claiming again, so a key that is held may be waited for twice.
 */
public final class SqlHandler {
  private final QueryDeliveries deliveries;

  SqlHandler(QueryDeliveries deliveries) {
    this.deliveries = deliveries;
  }

  /**
   * Handles a message as {@link Inbox#process} does, by running the queries: takes one connection
   * and blocks until the transaction ended, which is one of its own unless calls share them.
   * Exceptions are those of {@code process}, too.
   *
   * @param values of the queries' parameters, by name; each that has a name must be there. Text,
   *     numbers, booleans, byte arrays, UUIDs, dates and times, JSON, and what jOOQ converts to
   *     these; null is a value ({@code Map.of} takes none, a {@code HashMap} does)
   * @throws io.inbox.error.UsageException if a value is missing, has no parameter, or does not fit
   *     its type; nothing was written
   */
  public Outcome<Void> process(Message message, Map<String, ?> values) {
    return deliveries.process(message, values);
  }

  /** Returns whether a first delivery takes one round trip, or as many as any handler's would. */
  public boolean isOneRoundTrip() {
    return deliveries.isOneRoundTrip();
  }
}
