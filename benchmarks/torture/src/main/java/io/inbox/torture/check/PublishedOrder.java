package io.inbox.torture.check;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The first publications of each lane are its versions 1, 2, 3 ... without a gap. A stretch may
 * come again, from any version that was published before; through one connection it then goes on
 * version by version. Where messages are ordered, so are their effects.
 */
final class PublishedOrder implements Checker {
  @Override
  public Invariant invariant() {
    return Invariant.I5;
  }

  @Override
  public List<String> violations(Evidence evidence) throws IOException, SQLException {
    Map<String, Long> furthest = new HashMap<>();
    Map<String, Long> lastOfConnection = new HashMap<>();
    Query.Found found = new Query.Found();
    Published.each(
        evidence,
        it -> {
          long before = furthest.getOrDefault(it.lane(), 0L);
          if (it.version() > before + 1) {
            found.add(
                "lane %s: version %d came after %d".formatted(it.lane(), it.version(), before));
          }
          furthest.put(it.lane(), Math.max(before, it.version()));
          long last =
              lastOfConnection.merge(it.connection() + it.lane(), it.version(), (a, b) -> b);
          if (last < 1) {
            found.add("lane " + it.lane() + ": version " + last);
          }
        });
    Query.each(
        evidence,
        "SELECT tenant, consumer, account, max(version) FROM applied GROUP BY tenant, consumer, account",
        row -> {
          String lane = row.getString(1) + "|" + row.getString(2) + "|" + row.getString(3);
          long published = furthest.getOrDefault(lane, 0L);
          if (published != row.getLong(4)) {
            found.add(
                "lane %s: published up to version %d, committed up to %d"
                    .formatted(lane, published, row.getLong(4)));
          }
        });
    List<String> lines = new ArrayList<>(found.lines());
    if (evidence.plan().mode().ordered()) {
      lines.addAll(effectsOutOfOrder(evidence, "account, source", "version"));
      // Of one lane, whoever owned it: the times were taken under the lock of its watermark.
      lines.addAll(effectsOutOfOrder(evidence, "tenant, consumer, source", "started_at, number"));
    }
    return lines;
  }

  private static List<String> effectsOutOfOrder(Evidence evidence, String within, String order)
      throws SQLException {
    return Query.violations(
        evidence,
        "applied after a later one of its lane (account, message)",
        """
        SELECT account, number FROM (
          SELECT account, number, max(number) OVER (PARTITION BY %s ORDER BY %s
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM applied) a
        WHERE before > number"""
            .formatted(within, order));
  }
}
