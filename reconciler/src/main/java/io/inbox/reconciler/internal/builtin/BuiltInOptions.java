package io.inbox.reconciler.internal.builtin;

import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The limits of the built-in checks. Filled by their builder; a check reads a copy. */
public final class BuiltInOptions {
  public Duration deadLetterAge = Duration.ofDays(1);
  public Duration outboxLag = Duration.ofMinutes(5);
  public Duration blockedAge = Duration.ofMinutes(15);
  public Duration leaseGrace = Duration.ofMinutes(5);
  public Duration jobAge = Duration.ofDays(1);
  public Duration collectorLag = Duration.ofDays(3);
  public Duration unfinishedAge = Duration.ofHours(1);
  public Duration transactionAge = Duration.ofMinutes(15);
  public int resultSample = 1;
  public @Nullable Duration redeliveryHorizon;
  public final Map<String, Duration> redeliveryHorizons = new TreeMap<>();
  public final Set<String> without = new HashSet<>();

  public BuiltInOptions copy() {
    BuiltInOptions copy = new BuiltInOptions();
    copy.deadLetterAge = deadLetterAge;
    copy.outboxLag = outboxLag;
    copy.blockedAge = blockedAge;
    copy.leaseGrace = leaseGrace;
    copy.jobAge = jobAge;
    copy.collectorLag = collectorLag;
    copy.unfinishedAge = unfinishedAge;
    copy.transactionAge = transactionAge;
    copy.resultSample = resultSample;
    copy.redeliveryHorizon = redeliveryHorizon;
    copy.redeliveryHorizons.putAll(redeliveryHorizons);
    copy.without.addAll(without);
    return copy;
  }
}
