package io.inbox.benchmarks;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Watermark;
import io.inbox.Watermark.Positioned;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Batches of an ordered stream, each thread the owner of a partition. */
final class WatermarkContender implements Contender {
  private static final String STREAM = "bookings";

  private final Inbox inbox;
  private final int batch;
  private final AtomicInteger partitions = new AtomicInteger();
  private final Map<Feed.Lane, Watermark> owned = new ConcurrentHashMap<>();

  WatermarkContender(Inbox inbox, int batch) {
    this.inbox = inbox;
    this.batch = batch;
  }

  @Override
  public String label() {
    return "watermark";
  }

  @Override
  public int handle(Feed.Lane lane) {
    Watermark mark =
        owned.computeIfAbsent(lane, unused -> inbox.takeOver(STREAM, partitions.getAndIncrement()));
    long next = mark.position().orElse(-1) + 1;
    List<Positioned> messages = new ArrayList<>(batch);
    for (String id : lane.ids(batch)) {
      messages.add(new Positioned(next++, Message.builder(id).source(Feed.SOURCE).build()));
    }
    List<Outcome<Void>> outcomes =
        mark.processBatch(
            messages, (fresh, tx) -> Books.creditAll(tx.connection(), lane.accounts(fresh.size())));
    for (Outcome<Void> outcome : outcomes) {
      if (!(outcome instanceof Outcome.Processed)) {
        throw new IllegalStateException("a new message was not processed: " + outcome);
      }
    }
    return outcomes.size();
  }
}
