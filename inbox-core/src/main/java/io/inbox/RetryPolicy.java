package io.inbox;

import io.inbox.error.ConfigurationException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * How often and how far apart a failing message is delivered before it is given up. Immutable.
 *
 * <p>Defaults: 10 attempts; backoff from 1 s, doubling, to 10 min at most, with half of it random;
 * 100 deliveries.
 */
public final class RetryPolicy {
  private static final RetryPolicy DEFAULTS = builder().build();

  private final int maxAttempts;
  private final int maxDeliveries;
  private final Duration initialBackoff;
  private final Duration maxBackoff;
  private final double multiplier;
  private final double jitter;

  private RetryPolicy(Builder builder) {
    this.maxAttempts = builder.maxAttempts;
    this.maxDeliveries = builder.maxDeliveries;
    this.initialBackoff = builder.initialBackoff;
    this.maxBackoff = builder.maxBackoff;
    this.multiplier = builder.multiplier;
    this.jitter = builder.jitter;
  }

  /** Returns the defaults. */
  public static RetryPolicy ofDefaults() {
    return DEFAULTS;
  }

  /** Starts a policy from the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns after how many failed attempts a message becomes a dead letter. */
  public int maxAttempts() {
    return maxAttempts;
  }

  /**
   * Returns after how many deliveries, counted by the broker, a message becomes a dead letter
   * although no attempt ended; 0 for no bound.
   */
  public int maxDeliveries() {
    return maxDeliveries;
  }

  /**
   * Returns how long to wait after an attempt: exponential, capped, with the random share taken off
   * it (AWS Architecture Blog, "Exponential Backoff and Jitter").
   *
   * @param attempt the attempt that failed, from 1
   */
  public Duration backoff(int attempt) {
    double full =
        (double) initialBackoff.toNanos() * Math.pow(multiplier, Math.max(0, attempt - 1));
    double capped = Math.min(full, (double) maxBackoff.toNanos());
    return Duration.ofNanos(
        (long) (capped * (1 - jitter * ThreadLocalRandom.current().nextDouble())));
  }

  /** Collects the options of a policy. Not thread-safe. */
  public static final class Builder {
    private static final Duration LONGEST = Duration.ofDays(365);

    private int maxAttempts = 10;
    private int maxDeliveries = 100;
    private Duration initialBackoff = Duration.ofSeconds(1);
    private Duration maxBackoff = Duration.ofMinutes(10);
    private double multiplier = 2;
    private double jitter = 0.5;

    private Builder() {}

    /**
     * Sets after how many failed attempts a message becomes a dead letter, 1 to 10,000. Default:
     * 10.
     */
    public Builder maxAttempts(int maxAttempts) {
      this.maxAttempts = maxAttempts;
      return this;
    }

    /**
     * Sets after how many deliveries, as {@link Message#deliveryCount()} counts them, a message
     * becomes a dead letter without running, because it seems to kill the process; 0 for no bound.
     * Default: 100. Deliveries while the database is down count too, so keep it well above {@code
     * maxAttempts}.
     */
    public Builder maxDeliveries(int maxDeliveries) {
      this.maxDeliveries = maxDeliveries;
      return this;
    }

    /** Sets the wait after the first attempt, above zero. Default: 1 s. */
    public Builder initialBackoff(Duration initialBackoff) {
      this.initialBackoff = initialBackoff;
      return this;
    }

    /** Sets the longest wait, at most 365 days. Default: 10 min. */
    public Builder maxBackoff(Duration maxBackoff) {
      this.maxBackoff = maxBackoff;
      return this;
    }

    /** Sets the factor from one wait to the next, at least 1. Default: 2. */
    public Builder multiplier(double multiplier) {
      this.multiplier = multiplier;
      return this;
    }

    /** Sets which share of each wait is random, 0 to 1. Default: 0.5. */
    public Builder jitter(double jitter) {
      this.jitter = jitter;
      return this;
    }

    /**
     * Returns the policy.
     *
     * @throws ConfigurationException naming the option that is out of range
     */
    public RetryPolicy build() {
      require(
          maxAttempts >= 1 && maxAttempts <= 10_000,
          "IBX-207",
          "maxAttempts is " + maxAttempts + ", it must be 1 to 10,000");
      require(
          maxDeliveries == 0 || maxDeliveries > maxAttempts,
          "IBX-207",
          "maxDeliveries is "
              + maxDeliveries
              + ", it must be 0 (no bound) or more than maxAttempts, "
              + maxAttempts);
      require(
          positive(initialBackoff),
          "IBX-206",
          "initialBackoff is " + initialBackoff + ", it must be above zero (zero would spin)");
      require(
          positive(maxBackoff)
              && maxBackoff.compareTo(initialBackoff) >= 0
              && maxBackoff.compareTo(LONGEST) <= 0,
          "IBX-206",
          "maxBackoff is "
              + maxBackoff
              + ", it must lie between initialBackoff, "
              + initialBackoff
              + ", and 365 days");
      require(
          Double.isFinite(multiplier) && multiplier >= 1,
          "IBX-208",
          "multiplier is " + multiplier + ", it must be a number of at least 1");
      require(jitter >= 0 && jitter <= 1, "IBX-208", "jitter is " + jitter + ", it must be 0 to 1");
      return new RetryPolicy(this);
    }

    private static boolean positive(@Nullable Duration duration) {
      return duration != null && duration.compareTo(Duration.ZERO) > 0;
    }

    private static void require(boolean holds, String code, String message) {
      if (!holds) {
        throw new ConfigurationException(code, message);
      }
    }
  }
}
