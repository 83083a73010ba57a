package io.inbox.internal;

import io.inbox.Buckets;
import io.inbox.DuplicatePolicy;
import io.inbox.Fingerprint;
import io.inbox.GroupCommit;
import io.inbox.RetryPolicy;
import io.inbox.error.ConfigurationException;
import io.inbox.outbox.OutboxSettings;
import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.InboxListener;
import io.inbox.spi.Store;
import io.inbox.spi.Transactions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The options of one inbox while it is being built, and the rules between them. */
public final class Options {
  private static final Duration LONGEST_WINDOW = Duration.ofDays(36_500);
  private static final Duration LONGEST_BUCKETED = Duration.ofDays(400);
  private static final Duration SHORTEST_WAIT = Duration.ofMillis(1);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);
  private static final int MOST_PAYLOAD_BYTES = 512 * 1024 * 1024;

  final String consumer;
  final Store store;
  final Transactions transactions;
  final List<InboxListener> listeners = new ArrayList<>();
  public Duration window = Duration.ofDays(14);
  public Duration maxAhead = Duration.ofDays(1);
  public Duration wait = Duration.ofSeconds(2);
  public @Nullable Duration redeliveryHorizon;
  public RetryPolicy retry = RetryPolicy.ofDefaults();
  public DuplicatePolicy duplicates = DuplicatePolicy.SKIP;
  public @Nullable Fingerprint fingerprint;
  public boolean multiTenant;
  public boolean allowReducedDurability;
  public int maxPayloadBytes = 16 * 1024 * 1024;
  public OutboxSettings outbox = OutboxSettings.ofDefaults();
  public @Nullable GroupCommit groupCommit;
  public @Nullable Buckets buckets;

  public Options(String consumer, Store store, Transactions transactions) {
    this.consumer = consumer;
    this.store = store;
    this.transactions = transactions;
  }

  public void listener(InboxListener listener) {
    listeners.add(listener);
  }

  /** Throws, naming the first rule that is broken. */
  public void validate() {
    KeyText.consumer(consumer);
    present("store", store);
    present("transactions", transactions);
    present("window", window);
    present("maxAhead", maxAhead);
    present("wait", wait);
    present("retry", retry);
    present("onDuplicate", duplicates);
    present("outbox", outbox);
    for (InboxListener listener : listeners) {
      present("listener", listener);
    }
    require(
        !store.restrictsByTenant() || multiTenant,
        "IBX-510",
        "row-level security is on, but messages need not name a tenant (add Inbox.Builder.multiTenant(true))");
    require(
        window.compareTo(Duration.ZERO) > 0,
        "IBX-201",
        "window is " + window + ", it must be above zero");
    require(
        window.compareTo(LONGEST_WINDOW) <= 0,
        "IBX-203",
        "window is "
            + window
            + ", more than "
            + LONGEST_WINDOW.toDays()
            + " days (a shorter one remembers long enough)");
    require(
        redeliveryHorizon == null || window.compareTo(redeliveryHorizon) >= 0,
        "IBX-202",
        "window "
            + window
            + " is shorter than the redelivery horizon "
            + redeliveryHorizon
            + ": a late redelivery would not be recognised (lengthen the window)");
    require(
        !maxAhead.isNegative() && maxAhead.compareTo(LONGEST_WINDOW) <= 0,
        "IBX-203",
        "maxAhead is " + maxAhead + ", it must be zero to 36,500 days");
    require(
        wait.compareTo(SHORTEST_WAIT) >= 0 && wait.compareTo(LONGEST_WAIT) <= 0,
        "IBX-206",
        "wait is " + wait + ", it must be 1 ms to 5 min (zero would mean for ever)");
    require(
        buckets == null || window.plus(maxAhead).compareTo(LONGEST_BUCKETED) <= 0,
        "IBX-203",
        "window and maxAhead are together "
            + window.plus(maxAhead).toDays()
            + " days, with buckets they must be at most "
            + LONGEST_BUCKETED.toDays()
            + ": each day is a partition (shorten them, or leave the buckets out)");
    require(
        maxPayloadBytes >= 1 && maxPayloadBytes <= MOST_PAYLOAD_BYTES,
        "IBX-210",
        "maxPayloadBytes is " + maxPayloadBytes + ", it must be 1 to " + MOST_PAYLOAD_BYTES);
  }

  ClaimPolicy policy() {
    return new ClaimPolicy(consumer, window, maxAhead, Duration.ofMillis(wait.toMillis()), buckets);
  }

  /** Nullness is checked for callers whose compiler does not. */
  private static void present(String option, @Nullable Object value) {
    require(value != null, "IBX-204", option + " is null (leave the option out for its default)");
  }

  private static void require(boolean holds, String code, String message) {
    if (!holds) {
      throw new ConfigurationException(code, message);
    }
  }
}
