package io.inbox.torture.check;

import io.inbox.torture.plan.Aged;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Compares what is remembered as handled with what was applied, both ways. */
final class Torn implements Checker {
  private static final String REMEMBERED =
      """
      SELECT "tenant", "consumer", "source", "message_id" FROM "inbox"."message" WHERE "state" = 0 AND "consumer" <> '%s'"""
          .formatted(Aged.CONSUMER);
  private static final String APPLIED = "SELECT tenant, consumer, source, message_id FROM applied";

  @Override
  public Invariant invariant() {
    return Invariant.I1;
  }

  @Override
  public List<String> violations(Evidence evidence) throws SQLException {
    List<String> found = new ArrayList<>();
    found.addAll(
        Query.violations(
            evidence, "remembered and not applied", REMEMBERED + " EXCEPT " + APPLIED));
    found.addAll(
        Query.violations(
            evidence, "applied and not remembered", APPLIED + " EXCEPT " + REMEMBERED));
    return found;
  }
}
