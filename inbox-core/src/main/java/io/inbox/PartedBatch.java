package io.inbox;

import io.inbox.error.ConfigurationException;
import io.inbox.internal.KeyText;
import io.inbox.internal.OwnTransaction;
import io.inbox.internal.Wiring;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * A file or batch whose parts are handled once each. Each part is a message of its own, with the
 * batch id as source and its index as id; a run that dies leaves the parts it committed, and the
 * next run goes on behind them. Parts have no message time. Stateless and thread-safe; two runs at
 * once are safe too, they share the work.
 */
public final class PartedBatch {
  private static final String END = "end";

  private final Inbox inbox;
  private final Wiring wiring;
  private final String batchId;
  private final String tenant;
  private final int partsPerTransaction;

  PartedBatch(Inbox inbox, Wiring wiring, String batchId, String tenant, int partsPerTransaction) {
    KeyText.source(batchId);
    KeyText.tenant(tenant);
    this.inbox = inbox;
    this.wiring = wiring;
    this.batchId = batchId;
    this.tenant = tenant;
    this.partsPerTransaction = partsPerTransaction;
  }

  /** Returns a view whose parts are those of a tenant. Default: none. */
  public PartedBatch ofTenant(String other) {
    return new PartedBatch(inbox, wiring, batchId, other, partsPerTransaction);
  }

  /** Returns a view that commits after so many parts, 1 to 10,000. Default: 500. */
  public PartedBatch partsPerTransaction(int parts) {
    if (parts < 1 || parts > 10_000) {
      throw new ConfigurationException(
          "IBX-205", "partsPerTransaction is " + parts + ", it must be 1 to 10,000");
    }
    return new PartedBatch(inbox, wiring, batchId, tenant, parts);
  }

  /**
   * Handles the parts that were not handled yet, a transaction for each {@code partsPerTransaction}
   * of them. A batch that ended before is not read at all.
   *
   * <p>Parts are told apart by their index, so hand in the same parts in the same order again.
   * Blocks until the last part; rules and exceptions are those of {@link Inbox#processBatch}, and
   * what was committed before an exception stays.
   *
   * @param parts the contents, read once, in order
   * @param handler gets the fresh parts
   * @return what happened
   */
  public Run process(Iterator<byte[]> parts, BatchHandler handler) {
    Message end = Message.builder(END).source(batchId).tenant(tenant).build();
    if (OwnTransaction.known(wiring, end)) {
      return new Run(true, 0, 0, 0, List.of());
    }
    Tally tally = new Tally();
    List<Message> chunk = new ArrayList<>(partsPerTransaction);
    for (long index = 0; parts.hasNext(); index++) {
      chunk.add(
          MessageIds.fromSequence(batchId, index).tenant(tenant).payload(parts.next()).build());
      if (chunk.size() == partsPerTransaction || !parts.hasNext()) {
        tally.add(inbox.processBatch(chunk, handler));
        chunk.clear();
      }
    }
    if (tally.open.isEmpty()) {
      tally.addEnd(inbox.process(end, tx -> {}));
    }
    return tally.run();
  }

  /**
   * What one run did.
   *
   * @param endedBefore whether an earlier run had ended the batch, so that nothing was read
   * @param handled parts handled by this run
   * @param duplicates parts that had been handled before
   * @param setAside parts that are dead letters now or were before
   * @param open parts that failed or are in flight; or, when all parts are settled, the end of the
   *     batch, with the message id {@code end}, if it could not be recorded. Run again, not before
   *     the longest {@code retryAfter}; the batch has ended when there are none
   */
  public record Run(
      boolean endedBefore, long handled, long duplicates, long setAside, List<Outcome<Void>> open) {
    /** Returns whether every part is settled, and that is recorded: the file may be deleted. */
    public boolean ended() {
      return open.isEmpty();
    }
  }

  /** Counts outcomes. */
  private static final class Tally {
    private long handled;
    private long duplicates;
    private long setAside;
    private final List<Outcome<Void>> open = new ArrayList<>();

    void add(List<Outcome<Void>> outcomes) {
      for (Outcome<Void> outcome : outcomes) {
        if (!outcome.acknowledge()) {
          open.add(outcome);
        } else if (outcome instanceof Outcome.Processed) {
          handled++;
        } else if (outcome instanceof Outcome.Duplicate) {
          duplicates++;
        } else {
          setAside++;
        }
      }
    }

    /** The end is no part, so it is only counted where it was not recorded. */
    void addEnd(Outcome<Void> outcome) {
      if (!outcome.acknowledge()) {
        open.add(outcome);
      }
    }

    Run run() {
      return new Run(false, handled, duplicates, setAside, List.copyOf(open));
    }
  }
}
