package io.inbox.torture.mutant;

import io.inbox.reconciler.Effects;
import io.inbox.reconciler.PairCheck;
import io.inbox.torture.worker.Wiring;
import java.time.Duration;

/**
 * Compares with effects that come late: those of the last seconds are not seen, and not settled.
 */
public final class ComparesTooFew extends Wiring {
  @Override
  protected PairCheck.Builder check(String consumer, Duration reach) {
    return PairCheck.byMessageId(
            consumer,
            consumer,
            Effects.select(
                """
                SELECT message_id AS "key", tenant AS "tenant", source AS "source" FROM applied
                WHERE consumer = '%s' AND applied_at >= :from AND applied_at < :to
                  AND applied_at < CURRENT_TIMESTAMP - INTERVAL '3' SECOND"""
                    .formatted(consumer)))
        .slack(Duration.ofSeconds(10))
        .reach(reach);
  }
}
