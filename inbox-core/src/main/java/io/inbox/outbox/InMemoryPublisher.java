package io.inbox.outbox;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Keeps what it is given, in the order it came: for tests. Unbounded, and gone with the process.
 * Thread-safe.
 */
public final class InMemoryPublisher implements Publisher {
  private final List<OutboxMessage> published = new ArrayList<>();

  /** Creates an empty one. */
  public InMemoryPublisher() {}

  @Override
  public List<PublishResult> publish(List<OutboxMessage> batch) {
    List<PublishResult> results = new ArrayList<>(batch.size());
    synchronized (published) {
      for (OutboxMessage message : batch) {
        published.add(message);
        results.add(PublishResult.sent());
      }
      published.notifyAll();
    }
    return results;
  }

  /** Returns what was published so far, repeats included. */
  public List<OutboxMessage> published() {
    synchronized (published) {
      return List.copyOf(published);
    }
  }

  /**
   * Waits until at least so many messages were published, repeats included.
   *
   * @return whether they were, before the time was over
   * @throws InterruptedException if the thread is interrupted
   */
  public boolean await(int count, Duration atMost) throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    synchronized (published) {
      while (published.size() < count) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        TimeUnit.NANOSECONDS.timedWait(published, left);
      }
      return true;
    }
  }

  @Override
  public void close() {
    // Holds nothing but memory.
  }
}
