package io.inbox.torture.check;

import io.inbox.torture.plan.Group;
import io.inbox.torture.plan.Kind;
import io.inbox.torture.plan.Sent;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Each tenant has the sum of its own messages, and nobody has rows of a tenant that is none. */
final class Tenants implements Checker {
  @Override
  public Invariant invariant() {
    return Invariant.I12;
  }

  @Override
  public List<String> violations(Evidence evidence) throws SQLException {
    Map<String, Long> expected = new HashMap<>();
    for (int number = 0; number < evidence.sent().bound(); number++) {
      if (evidence.sent().contains(number)) {
        Sent sent = evidence.plan().message(number);
        long amount = sent.kind() == Kind.NORMAL ? sent.amount() : 0;
        expected.merge(sent.group().tenant(), amount, Long::sum);
      }
    }
    Query.Found sums = new Query.Found();
    Query.each(
        evidence,
        "SELECT tenant, sum(balance) FROM account GROUP BY tenant",
        row -> {
          long sum = expected.getOrDefault(row.getString(1), 0L);
          if (sum != row.getLong(2)) {
            sums.add(
                "tenant %s has %d, expected %d".formatted(row.getString(1), row.getLong(2), sum));
          }
        });
    String tenants =
        Group.TENANTS.stream().map(tenant -> "'" + tenant + "'").collect(Collectors.joining(", "));
    List<String> found = new ArrayList<>(sums.lines());
    found.addAll(
        Query.violations(
            evidence,
            "an effect on another tenant's account (message, tenant, account)",
            "SELECT p.number, p.tenant, p.account FROM applied p JOIN account a ON a.id = p.account"
                + " WHERE a.tenant <> p.tenant"));
    for (String table : List.of("message", "dead_letter", "outbox", "attempt", "watermark")) {
      found.addAll(
          Query.violations(
              evidence,
              "a row of nobody in " + table,
              "SELECT DISTINCT \"tenant\" FROM \"inbox\".\"%s\" WHERE \"tenant\" NOT IN (%s)"
                  .formatted(table, tenants)));
    }
    return found;
  }
}
