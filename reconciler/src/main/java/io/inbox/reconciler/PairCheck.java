package io.inbox.reconciler;

import io.inbox.error.ConfigurationException;
import io.inbox.reconciler.internal.Names;
import io.inbox.reconciler.internal.pair.PairPlan;
import io.inbox.reconciler.internal.pair.PairRun;
import io.inbox.reconciler.spi.Check;
import io.inbox.reconciler.spi.CheckRun;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Compares what one consumer handled with the effects that it should have caused, both ways.
 * Immutable.
 *
 * <p>Count and checksum of 65,536 buckets of keys are computed by the databases, on both sides at
 * the same time, by reading each side once; only the keys of buckets that differ are read, merged
 * in constant memory, and each that differs is looked at again before it is reported. A finding is
 * resolved when both sides agree about its key, whether or not it still lies in the bounds.
 *
 * <table>
 * <caption>What it finds</caption>
 * <tr><th>Kind</th><th>Meaning</th></tr>
 * <tr><td>HANDLED_WITHOUT_EFFECT</td><td>handled, and there is no effect, or too few</td></tr>
 * <tr><td>EFFECT_WITHOUT_HANDLING</td><td>an effect that no handled message explains</td></tr>
 * <tr><td>EFFECT_TWICE</td><td>more effects than handlings</td></tr>
 * <tr><td>VALUE_DRIFT</td><td>effect and handling differ in a compared value</td></tr>
 * <tr><td>EFFECT_WITHOUT_KEY</td><td>effects whose key is null</td></tr>
 * </table>
 */
public final class PairCheck implements Check {
  private final PairPlan plan;

  private PairCheck(PairPlan plan) {
    this.plan = plan;
  }

  /**
   * Starts a check by message id: each handled message has one effect.
   *
   * @param name the name of the check, see {@link Check#name}
   * @param consumer the consumer whose handling is checked
   * @param effects a row for each effect; where a message has several, group them
   */
  public static Builder byMessageId(String name, String consumer, Effects effects) {
    return new Builder(new PairPlan(name, consumer, false, effects.origin()));
  }

  /**
   * Starts a check by subject: each subject of a handled message has an effect, whose values are
   * those of the latest handling. Messages without a subject are left out.
   *
   * @param effects a row for each subject
   */
  public static Builder bySubject(String name, String consumer, Effects effects) {
    return new Builder(new PairPlan(name, consumer, true, effects.origin()));
  }

  PairPlan plan() {
    return plan;
  }

  @Override
  public String name() {
    return plan.name;
  }

  @Override
  public void run(CheckRun run) throws Exception {
    PairRun.of(plan, run);
  }

  /** Collects the options of a check. Not thread-safe. */
  public static final class Builder {
    private final PairPlan plan;

    private Builder(PairPlan plan) {
      this.plan = plan;
    }

    /** Looks only at messages of this tenant; the empty one means those without. Default: all. */
    public Builder tenant(@Nullable String tenant) {
      plan.tenant = tenant;
      return this;
    }

    /** Looks only at messages of this source; the empty one means those without. Default: all. */
    public Builder source(@Nullable String source) {
      plan.source = source;
      return this;
    }

    /**
     * Sets how far back a run looks. Make it longer than the time between two runs and the longest
     * transaction together, else a message that was committed late is never looked at. Default: as
     * far as the consumer was registered, or its keys were collected.
     */
    public Builder reach(@Nullable Duration reach) {
      plan.reach = reach;
      return this;
    }

    /**
     * Sets the time from which on to look, in place of {@link #reach}; keys that may have been
     * collected are left out all the same.
     */
    public Builder from(@Nullable Instant from) {
      plan.from = from;
      return this;
    }

    /** Sets the time before which to look. Default: now, less the settle delay. */
    public Builder to(@Nullable Instant to) {
      plan.to = to;
      return this;
    }

    /**
     * Sets how far the time of an effect may lie from that of its handling: a suspect is looked for
     * with bounds that are so much wider. Default: 1 hour.
     */
    public Builder slack(Duration slack) {
      plan.slack = slack;
      return this;
    }

    /**
     * Sets how long to wait before suspects are looked at again. Default: the settle delay where
     * the effects are elsewhere; no time where one commit writes key and effect, because both are
     * then read in one snapshot.
     */
    public Builder lookAgainAfter(@Nullable Duration wait) {
      plan.lookAgainAfter = wait;
      return this;
    }

    /** Looks at one share of all keys in each run, another one each time. Default: 1, all. */
    public Builder sample(int oneIn) {
      plan.sampleOneIn = oneIn;
      plan.sameSample = false;
      return this;
    }

    /** Looks at one share of all keys in each run, always the same. */
    public Builder sameSample(int oneIn) {
      plan.sampleOneIn = oneIn;
      plan.sameSample = true;
      return this;
    }

    /** Does not look for handled messages without an effect. */
    public Builder ignoreMissingEffects() {
      plan.missingEffects = false;
      return this;
    }

    /** Does not look for effects without a handled message. */
    public Builder ignoreUnexplainedEffects() {
      plan.unexplainedEffects = false;
      return this;
    }

    /**
     * Returns the check.
     *
     * @throws ConfigurationException if an option is out of its range, or two exclude each other
     */
    public PairCheck build() {
      Names.ofOwnCheck(plan.name);
      Names.consumer(plan.consumer);
      positive("reach", plan.reach);
      notNegative("slack", plan.slack);
      notNegative("lookAgainAfter", plan.lookAgainAfter);
      if (plan.sampleOneIn < 1 || plan.sampleOneIn > 65_536) {
        throw wrong("sample is one in " + plan.sampleOneIn + ", it must be 1 to 65,536");
      }
      if (plan.from != null && plan.reach != null) {
        throw wrong("has both from and reach (leave one out)");
      }
      if (plan.from != null && plan.to != null && !plan.from.isBefore(plan.to)) {
        throw wrong("begins at " + plan.from + " and ends at " + plan.to);
      }
      return new PairCheck(plan);
    }

    private void positive(String option, @Nullable Duration value) {
      if (value != null && (value.isNegative() || value.isZero())) {
        throw wrong(option + " is " + value + ", it must be above zero");
      }
      upTo(option, value);
    }

    private void notNegative(String option, @Nullable Duration value) {
      if (value != null && value.isNegative()) {
        throw wrong(option + " is " + value + ", it must not be negative");
      }
      upTo(option, value);
    }

    private void upTo(String option, @Nullable Duration value) {
      if (value != null && value.compareTo(Duration.ofDays(36_500)) > 0) {
        throw wrong(option + " is " + value + ", it must be at most 36,500 days");
      }
    }

    private ConfigurationException wrong(String what) {
      return new ConfigurationException("IBX-610", "check " + plan.name + ": " + what);
    }
  }
}
