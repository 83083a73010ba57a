package io.inbox;

import io.inbox.error.InvalidMessageException;
import io.inbox.internal.MessageLimits;
import io.inbox.internal.OwnTransaction;
import io.inbox.internal.Wiring;
import java.time.Instant;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;

/**
 * Takes over the keys an application recorded as handled before it used Inbox, so that adoption
 * does not begin with a hole. Thread-safe.
 *
 * <p>Run it before the first message is taken, or while messages are handled: a key that is known
 * already stays as it is.
 */
public final class Backfill {
  private static final int KEYS_PER_TRANSACTION = 1_000;

  private final Wiring wiring;

  Backfill(Wiring wiring) {
    this.wiring = wiring;
  }

  /**
   * Records keys of this consumer as handled, a transaction for each 1,000 of them. Blocks; may be
   * run again after a failure.
   *
   * @param handled what was handled, read once, for instance from a cursor over the old table
   * @return how many were new
   * @throws InvalidMessageException naming the row, from 1, whose id breaks the rules of {@link
   *     MessageKey}; the transactions before it stay
   * @throws io.inbox.error.UsageException if the consumer's keys are in buckets: record them before
   *     it moves there
   * @throws io.inbox.error.RetryLaterException if the database cannot be reached: run it again
   */
  public long record(Iterator<Handled> handled) {
    wiring.refuseBuckets();
    long added = 0;
    long row = 0;
    String tenant = "";
    Map<MessageKey, Instant> chunk = new TreeMap<>();
    while (handled.hasNext()) {
      Handled next = handled.next();
      row++;
      if (!next.tenant().equals(tenant)) { // one transaction serves one tenant
        if (!chunk.isEmpty()) {
          added += OwnTransaction.backfill(wiring, tenant, chunk);
          chunk.clear();
        }
        tenant = next.tenant();
      }
      try {
        chunk.put(
            new MessageKey(next.tenant(), wiring.consumer(), next.source(), next.messageId()),
            MessageLimits.time(next.handledAt()));
      } catch (InvalidMessageException e) {
        throw new InvalidMessageException(e.code(), "row " + row + ": " + e.getMessage(), e);
      }
      if (chunk.size() == KEYS_PER_TRANSACTION || !handled.hasNext()) {
        added += OwnTransaction.backfill(wiring, tenant, chunk);
        chunk.clear();
      }
    }
    return added;
  }

  /**
   * One message that was handled before.
   *
   * @param tenant as in {@link MessageKey#tenant()}
   * @param source as in {@link MessageKey#source()}: the one that later deliveries will carry
   * @param messageId as in {@link MessageKey#messageId()}
   * @param handledAt when; the window counts from here
   */
  public record Handled(String tenant, String source, String messageId, Instant handledAt) {
    /** Returns a message without tenant and source. */
    public static Handled of(String messageId, Instant handledAt) {
      return new Handled("", "", messageId, handledAt);
    }
  }
}
