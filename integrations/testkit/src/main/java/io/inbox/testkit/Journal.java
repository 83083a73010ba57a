package io.inbox.testkit;

import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.PublishResult;
import io.inbox.outbox.Publisher;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Where several relays publish to: the first publication of each message, in order. */
final class Journal implements Publisher {
  private static final long PATIENCE_SECONDS = 120;

  private final double failing;
  private final Set<UUID> ids = new HashSet<>();
  private final List<OutboxMessage> first = new ArrayList<>();
  private int repeats;

  /**
   * Creates an empty one.
   *
   * @param failing which part of the messages fails, in one way or another
   */
  Journal(double failing) {
    this.failing = failing;
  }

  @Override
  public List<PublishResult> publish(List<OutboxMessage> batch) {
    if (happens(failing)) {
      throw new IllegalStateException("scripted");
    }
    List<PublishResult> results = new ArrayList<>(batch.size());
    Set<String> stopped = new HashSet<>();
    for (OutboxMessage message : batch) {
      String key = message.topic() + '\n' + message.key().orElseThrow();
      PublishResult result = stopped.contains(key) ? PublishResult.skipped() : publish(message);
      if (result.kind() != PublishResult.Kind.SENT) {
        stopped.add(key);
      }
      results.add(result);
    }
    return results;
  }

  private synchronized PublishResult publish(OutboxMessage message) {
    if (happens(failing)) {
      return happens(0.3)
          ? PublishResult.unavailable("scripted")
          : PublishResult.failed("scripted");
    }
    if (ids.add(message.id())) {
      first.add(message);
      notifyAll();
    } else {
      repeats++;
    }
    return PublishResult.sent();
  }

  private static boolean happens(double probability) {
    return probability > 0 && ThreadLocalRandom.current().nextDouble() < probability;
  }

  /** Returns what was published, each message once, in the order of the first publications. */
  synchronized List<OutboxMessage> first() {
    return List.copyOf(first);
  }

  synchronized int repeats() {
    return repeats;
  }

  /** Waits until so many messages were published; fails when nothing comes any more. */
  synchronized void await(int messages) throws InterruptedException {
    int before = -1;
    while (first.size() < messages) {
      if (first.size() == before) {
        throw new AssertionError(
            "nothing was published for "
                + PATIENCE_SECONDS
                + " s after "
                + before
                + " of "
                + messages);
      }
      before = first.size();
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      for (long left = end - System.nanoTime();
          left > 0 && first.size() == before;
          left = end - System.nanoTime()) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
    }
  }

  @Override
  public void close() {
    // Holds nothing but memory.
  }
}
