package io.inbox.torture.check;

import java.sql.SQLException;
import java.util.List;

/** Counts how often each message was applied. */
final class EffectCount implements Checker {
  @Override
  public Invariant invariant() {
    return Invariant.I2;
  }

  @Override
  public List<String> violations(Evidence evidence) throws SQLException {
    return Query.violations(
        evidence,
        "applied more than once (message, times)",
        "SELECT number, count(*) FROM applied GROUP BY number HAVING count(*) <> 1");
  }
}
