package io.inbox.torture.check;

import io.inbox.torture.plan.Kind;
import io.inbox.torture.plan.Mode;
import io.inbox.torture.plan.Sent;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Adds up what the seed says was sent, and compares it with each account. Queries draw no version:
 * what they apply has the version 0.
 */
final class Conservation implements Checker {
  @Override
  public Invariant invariant() {
    return Invariant.I3;
  }

  @Override
  public List<String> violations(Evidence evidence) throws SQLException {
    Map<String, long[]> expected = new HashMap<>();
    for (int number = 0; number < evidence.sent().bound(); number++) {
      if (evidence.sent().contains(number)) {
        Sent sent = evidence.plan().message(number);
        if (sent.kind() == Kind.NORMAL) {
          long[] sums = expected.computeIfAbsent(sent.account(), unused -> new long[2]);
          sums[0] += sent.amount();
          sums[1]++;
        }
      }
    }
    if (evidence.plan().mode() == Mode.QUERIES) {
      Query.each(
          evidence,
          "SELECT account, count(*) FROM applied WHERE version = 0 GROUP BY account",
          row ->
              expected.computeIfAbsent(row.getString(1), unused -> new long[2])[1] -=
                  row.getLong(2));
    }
    Query.Found found = new Query.Found();
    Query.each(
        evidence,
        "SELECT id, balance, version FROM account ORDER BY id",
        row -> {
          long[] sums = expected.getOrDefault(row.getString(1), new long[2]);
          if (row.getLong(2) != sums[0] || row.getLong(3) != sums[1]) {
            found.add(
                "account %s has %d of %d messages, expected %d of %d"
                    .formatted(row.getString(1), row.getLong(2), row.getLong(3), sums[0], sums[1]));
          }
        });
    return found.lines();
  }
}
