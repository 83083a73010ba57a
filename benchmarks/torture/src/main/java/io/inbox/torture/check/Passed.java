package io.inbox.torture.check;

import io.inbox.torture.plan.Kind;
import io.inbox.torture.plan.Lane;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where messages are recognised by their positions: what lies at or before the watermark of its
 * lane was applied, unless it cannot be, and what lies beyond it was not.
 */
final class Passed implements Checker {
  @Override
  public Invariant invariant() {
    return Invariant.I1;
  }

  @Override
  public List<String> violations(Evidence evidence) throws SQLException {
    BitSet passed = messages(evidence);
    BitSet applied = new BitSet();
    Query.each(evidence, "SELECT number FROM applied", row -> applied.set(row.getInt(1)));
    Query.Found found = new Query.Found();
    for (int number = 0; number < evidence.sent().bound(); number++) {
      if (evidence.sent().contains(number)) {
        boolean normal = evidence.plan().message(number).kind() == Kind.NORMAL;
        if (applied.get(number) && !passed.get(number)) {
          found.add("applied and not passed: message " + number);
        } else if (passed.get(number) && normal && !applied.get(number)) {
          found.add("passed and not applied: message " + number);
        }
      }
    }
    return found.lines();
  }

  /** Returns the numbers of the messages that the watermarks have passed. */
  static BitSet messages(Evidence evidence) throws SQLException {
    Map<String, Long> positions = new HashMap<>();
    Query.each(
        evidence,
        """
        SELECT "tenant", "consumer", "partition", "position" FROM "inbox"."watermark" WHERE "stream" = '%s'"""
            .formatted(Lane.STREAM),
        row ->
            positions.put(name(row.getString(1), row.getString(2), row.getInt(3)), row.getLong(4)));
    BitSet passed = new BitSet();
    for (int number = 0; number < evidence.sent().bound(); number++) {
      Lane lane = Lane.ofMessage(number);
      String name = name(lane.group().tenant(), lane.group().consumer(), lane.partition());
      if (Lane.position(number) <= positions.getOrDefault(name, -1L)) {
        passed.set(number);
      }
    }
    return passed;
  }

  private static String name(String tenant, String consumer, int partition) {
    return tenant + "/" + consumer + "/" + partition;
  }
}
