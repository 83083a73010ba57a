package io.inbox.reconciler;

import io.inbox.error.ConfigurationException;
import io.inbox.reconciler.internal.Names;
import io.inbox.reconciler.internal.builtin.BuiltIn;
import io.inbox.reconciler.internal.builtin.BuiltInOptions;
import io.inbox.reconciler.internal.builtin.CollectorCheck;
import io.inbox.reconciler.internal.builtin.DeadLettersCheck;
import io.inbox.reconciler.internal.builtin.JobsCheck;
import io.inbox.reconciler.internal.builtin.LeasesCheck;
import io.inbox.reconciler.internal.builtin.OutboxCheck;
import io.inbox.reconciler.internal.builtin.ResultsCheck;
import io.inbox.reconciler.internal.builtin.SchemaCheckup;
import io.inbox.reconciler.internal.builtin.SettingsCheck;
import io.inbox.reconciler.internal.builtin.TransactionsCheck;
import io.inbox.reconciler.internal.builtin.UnfinishedCheck;
import io.inbox.reconciler.internal.builtin.WindowsCheck;
import io.inbox.reconciler.spi.Check;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The checks that need no configuration, only limits: of dead letters, outbox, leases, jobs,
 * collector, windows, schema, stored results, unfinished messages, transactions and settings. Their
 * names begin with {@code inbox.}. Immutable.
 */
public final class BuiltInChecks {
  private final BuiltInOptions options;

  private BuiltInChecks(BuiltInOptions options) {
    this.options = options;
  }

  /** Returns all of them with the default limits. */
  public static BuiltInChecks ofDefaults() {
    return builder().build();
  }

  /** Starts with all of them and the default limits. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns the checks. */
  public List<Check> checks() {
    return all(options).stream()
        .filter(check -> !options.without.contains(check.name()))
        .collect(Collectors.toUnmodifiableList());
  }

  private static List<BuiltIn> all(BuiltInOptions options) {
    return List.of(
        new SchemaCheckup(options),
        new SettingsCheck(options),
        new TransactionsCheck(options),
        new JobsCheck(options),
        new LeasesCheck(options),
        new CollectorCheck(options),
        new WindowsCheck(options),
        new DeadLettersCheck(options),
        new UnfinishedCheck(options),
        new OutboxCheck(options),
        new ResultsCheck(options));
  }

  /** Returns the names of all of them. */
  public static List<String> names() {
    return all(new BuiltInOptions()).stream().map(BuiltIn::name).toList();
  }

  /** Collects limits. Not thread-safe. */
  public static final class Builder {
    private final BuiltInOptions options = new BuiltInOptions();

    private Builder() {}

    /** Sets how long a dead letter may stay open. Default: 1 day. */
    public Builder deadLetterAge(Duration age) {
      options.deadLetterAge = age;
      return this;
    }

    /** Sets how long a message may wait in the outbox, or be overdue. Default: 5 minutes. */
    public Builder outboxLag(Duration lag) {
      options.outboxLag = lag;
      return this;
    }

    /** Sets how long a key of the outbox may be held back. Default: 15 minutes. */
    public Builder blockedAge(Duration age) {
      options.blockedAge = age;
      return this;
    }

    /** Sets how long a lease may be over before that counts. Default: 5 minutes. */
    public Builder leaseGrace(Duration grace) {
      options.leaseGrace = grace;
      return this;
    }

    /** Sets how long one run of a job may take. Default: 1 day. */
    public Builder jobAge(Duration age) {
      options.jobAge = age;
      return this;
    }

    /**
     * Sets how far the collector may be behind window and retention, its margin of a day included.
     * Default: 3 days.
     */
    public Builder collectorLag(Duration lag) {
      options.collectorLag = lag;
      return this;
    }

    /** Sets how long a failed message may wait for its redelivery. Default: 1 hour. */
    public Builder unfinishedAge(Duration age) {
      options.unfinishedAge = age;
      return this;
    }

    /** Sets how long a transaction may be open, or prepared. Default: 15 minutes. */
    public Builder transactionAge(Duration age) {
      options.transactionAge = age;
      return this;
    }

    /**
     * Declares the longest time after which a message may be delivered again, for every consumer: a
     * shorter dedupe window is a finding. Default: not declared.
     */
    public Builder redeliveryHorizon(@Nullable Duration horizon) {
      options.redeliveryHorizon = horizon;
      return this;
    }

    /** The same for one consumer, in place of what is declared for all. */
    public Builder redeliveryHorizon(String consumer, Duration horizon) {
      Names.consumer(consumer);
      options.redeliveryHorizons.put(consumer, horizon);
      return this;
    }

    /**
     * Verifies the signatures of one share of the stored results in each run, another one each
     * time; 1 to 1,000. Default: 1, all.
     */
    public Builder resultSample(int oneIn) {
      options.resultSample = oneIn;
      return this;
    }

    /**
     * Leaves out a check.
     *
     * @param name its name, with or without {@code inbox.} in front
     */
    public Builder without(String name) {
      options.without.add(name.startsWith(BuiltIn.PREFIX) ? name : BuiltIn.PREFIX + name);
      return this;
    }

    /**
     * Returns the checks.
     *
     * @throws ConfigurationException if a limit is out of its range, or there is no check of a name
     *     that is to be left out
     */
    public BuiltInChecks build() {
      limit("deadLetterAge", options.deadLetterAge);
      limit("outboxLag", options.outboxLag);
      limit("blockedAge", options.blockedAge);
      limit("leaseGrace", options.leaseGrace);
      limit("jobAge", options.jobAge);
      limit("collectorLag", options.collectorLag);
      limit("unfinishedAge", options.unfinishedAge);
      limit("transactionAge", options.transactionAge);
      if (options.redeliveryHorizon != null) {
        limit("redeliveryHorizon", options.redeliveryHorizon);
      }
      options.redeliveryHorizons.forEach(
          (consumer, horizon) -> limit("redeliveryHorizon of " + consumer, horizon));
      require(
          options.resultSample >= 1 && options.resultSample <= 1_000,
          "resultSample is one in " + options.resultSample + ", it must be 1 to 1,000");
      for (String name : options.without) {
        require(
            names().contains(name),
            "there is no built-in check " + name + ", only " + String.join(", ", names()));
      }
      return new BuiltInChecks(options.copy());
    }

    private static void limit(String option, @Nullable Duration value) {
      require(
          value != null && !value.isNegative() && value.compareTo(Duration.ofDays(36_500)) <= 0,
          option + " is " + value + ", it must be 0 to 36,500 days");
    }

    private static void require(boolean holds, String message) {
      if (!holds) {
        throw new ConfigurationException("IBX-610", message);
      }
    }
  }
}
