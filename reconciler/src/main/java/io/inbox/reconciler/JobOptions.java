package io.inbox.reconciler;

import io.inbox.error.ConfigurationException;
import io.inbox.reconciler.internal.jobs.Owner;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a job runs. Immutable. */
public final class JobOptions {
  private static final Duration SHORTEST_LEASE = Duration.ofSeconds(1);
  private static final Duration LONGEST_LEASE = Duration.ofHours(1);
  private static final Duration LONGEST_EVERY = Duration.ofDays(36_500);

  private final Duration lease;
  private final String owner;
  private final @Nullable Duration every;

  private JobOptions(Builder builder) {
    this.lease = builder.lease;
    this.owner = builder.owner;
    this.every = builder.every;
  }

  /** Returns the defaults. */
  public static JobOptions ofDefaults() {
    return builder().build();
  }

  /** Starts with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns how long the job stays without a node after its owner died. */
  public Duration lease() {
    return lease;
  }

  /** Returns what the run is called where others look. */
  public String owner() {
    return owner;
  }

  /** Returns how often the job is expected to succeed, if that is said. */
  public Optional<Duration> every() {
    return Optional.ofNullable(every);
  }

  /** Collects options. Not thread-safe. */
  public static final class Builder {
    private Duration lease = Duration.ofSeconds(30);
    private String owner = Owner.OF_THIS_PROCESS;
    private @Nullable Duration every;

    private Builder() {}

    /**
     * Sets how long the job stays without a node after its owner died, 1 s to 1 h. Default: 30 s. A
     * process that stands still for longer loses the job.
     */
    public Builder lease(Duration lease) {
      this.lease = lease;
      return this;
    }

    /**
     * Sets what the run is called where others look, 1 to 200 characters. Default: host and
     * process.
     */
    public Builder owner(String owner) {
      this.owner = owner;
      return this;
    }

    /**
     * Says how often the job is expected to succeed, 1 s to 36,500 days; stored with the job, so
     * that a job whose last success is too long ago is noticed. Default: what was said last.
     */
    public Builder every(Duration every) {
      this.every = every;
      return this;
    }

    /**
     * Checks and returns the options.
     *
     * @throws ConfigurationException IBX-711 naming the option that is out of its range
     */
    public JobOptions build() {
      require(
          lease != null
              && lease.compareTo(SHORTEST_LEASE) >= 0
              && lease.compareTo(LONGEST_LEASE) <= 0,
          "lease is " + lease + ", it must be 1 s to 1 h");
      require(
          owner != null && !owner.isBlank() && owner.length() <= 200,
          "owner must have 1 to 200 characters (leave it out for host and process)");
      require(
          every == null
              || (every.compareTo(SHORTEST_LEASE) >= 0 && every.compareTo(LONGEST_EVERY) <= 0),
          "every is " + every + ", it must be 1 s to 36,500 days");
      return new JobOptions(this);
    }

    private static void require(boolean holds, String message) {
      if (!holds) {
        throw new ConfigurationException("IBX-711", message);
      }
    }
  }
}
