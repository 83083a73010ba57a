package io.inbox.benchmarks;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import java.util.ArrayList;
import java.util.List;

/**
 * Deliveries to the library of which some are redeliveries of messages that were handled lately,
 * among new ones. Every outcome is checked.
 */
final class DuplicatesContender implements Contender {
  private final String label;
  private final Inbox inbox;
  private final int batch;
  private final double share;
  private final MessageIds order;

  /** A batch of 1 stands for {@code process}; the share lies between 0 and 1. */
  DuplicatesContender(String label, Inbox inbox, int batch, double share, MessageIds order) {
    this.label = label;
    this.inbox = inbox;
    this.batch = batch;
    this.share = share;
    this.order = order;
  }

  @Override
  public String label() {
    return label;
  }

  @Override
  public int handle(Feed.Lane lane) {
    List<Feed.Arrival> arrivals = lane.arrivals(batch, share, order);
    List<Message> messages = new ArrayList<>(batch);
    for (Feed.Arrival arrival : arrivals) {
      messages.add(Message.builder(arrival.id()).source(Feed.SOURCE).build());
    }
    List<Outcome<Void>> outcomes =
        batch == 1
            ? List.of(
                inbox.process(messages.get(0), tx -> Books.credit(tx.connection(), lane.account())))
            : inbox.processBatch(
                messages,
                (fresh, tx) -> Books.creditAll(tx.connection(), lane.accounts(fresh.size())));
    for (int i = 0; i < batch; i++) {
      boolean expected =
          arrivals.get(i).fresh()
              ? outcomes.get(i) instanceof Outcome.Processed
              : outcomes.get(i) instanceof Outcome.Duplicate;
      if (!expected) {
        throw new IllegalStateException(arrivals.get(i) + " became " + outcomes.get(i));
      }
    }
    lane.handled(arrivals);
    return batch;
  }
}
