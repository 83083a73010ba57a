package io.inbox.torture.check;

import io.inbox.torture.check.Evidence.Aimed;
import io.inbox.torture.check.Evidence.Strike;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Compares what became of each delivery that a fault was aimed at with what its cell expects. Only
 * of a run whose faults come one by one: else another one may be the cause.
 */
final class Cells implements Checker {
  @Override
  public Invariant invariant() {
    return Invariant.CELL;
  }

  @Override
  public List<String> violations(Evidence evidence) throws SQLException {
    if (!evidence.oneByOne()) {
      return List.of();
    }
    Map<Integer, Long> attempts = new HashMap<>();
    Query.each(
        evidence,
        "SELECT number, attempt FROM applied",
        row -> attempts.put(row.getInt(1), row.getLong(2)));
    Query.Found found = new Query.Found();
    for (Strike strike : evidence.strikes()) {
      @Nullable Aimed aimed = evidence.aimed(strike.fault());
      if (!strike.struck() || aimed == null) {
        continue;
      }
      Expected expected = Expected.of(strike.fault());
      long victim = attempts.getOrDefault(aimed.message(), -1L) >> Evidence.WORKER_SHIFT;
      if (!expected.allows(aimed.answer()) || !expected.allows(victim == aimed.worker())) {
        found.add(
            "%s of %s (%s): answered %s, applied by w%d"
                .formatted(strike.fault().cell(), aimed, strike.note(), aimed.answer(), victim));
      }
    }
    return found.lines();
  }
}
