package io.inbox.reconciler.internal.collector;

import io.inbox.error.ConfigurationException;
import io.inbox.reconciler.Collector.Progress;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The options of a collector while it is being built, and their ranges. */
public final class CollectorOptions {
  private static final Duration LONGEST = Duration.ofDays(36_500);

  public Duration margin = Duration.ofDays(1);
  public Duration keepDeadLetters = Duration.ofDays(90);
  public Duration keepFindings = Duration.ofDays(90);
  public Duration batchTarget = Duration.ofMillis(100);
  public Duration maxTime = LONGEST;
  public long maxRows = Long.MAX_VALUE;
  public Duration lease = Duration.ofSeconds(30);
  public @Nullable String owner;
  public @Nullable Duration every;
  public Consumer<Progress> progress = unused -> {};

  /** Throws, naming the first option that is out of its range. */
  public CollectorOptions validated() {
    range("margin", margin, Duration.ofHours(1), LONGEST, "1 h to 36,500 days");
    range("keepDeadLetters", keepDeadLetters, Duration.ofSeconds(1), LONGEST, "1 s to 36,500 days");
    range("keepFindings", keepFindings, Duration.ofSeconds(1), LONGEST, "1 s to 36,500 days");
    range("batchTarget", batchTarget, Duration.ofMillis(5), Duration.ofSeconds(10), "5 ms to 10 s");
    range("maxTime", maxTime, Duration.ofMillis(1), LONGEST, "1 ms to 36,500 days");
    range("lease", lease, Duration.ofSeconds(2), Duration.ofHours(1), "2 s to 1 h");
    require(maxRows >= 1, "maxRows is " + maxRows + ", it must be 1 or more");
    require(progress != null, "progress is null (leave it out)");
    return this;
  }

  private static void range(
      String option, @Nullable Duration value, Duration least, Duration most, String words) {
    require(
        value != null && value.compareTo(least) >= 0 && value.compareTo(most) <= 0,
        option + " is " + value + ", it must be " + words);
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new ConfigurationException("IBX-714", message);
    }
  }
}
