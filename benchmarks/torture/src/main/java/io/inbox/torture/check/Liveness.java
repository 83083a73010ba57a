package io.inbox.torture.check;

import io.inbox.torture.wire.Saying;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** After the last fault everything came to its end, and nobody holds anything. */
final class Liveness implements Checker {
  @Override
  public Invariant invariant() {
    return Invariant.I7;
  }

  @Override
  public List<String> violations(Evidence evidence) throws SQLException {
    List<String> found = new ArrayList<>(evidence.stuck());
    for (Map.Entry<Integer, List<Saying.Health>> worker : evidence.health().entrySet()) {
      Saying.Health last = worker.getValue().get(worker.getValue().size() - 1);
      if (last.look() == Evidence.LAST_LOOK && last.active() > MOST_IN_USE) {
        found.add(
            "worker %d holds %d connections with nothing to do"
                .formatted(worker.getKey(), last.active()));
      }
    }
    found.addAll(
        Query.violations(
            evidence,
            "rows left in the outbox",
            """
            SELECT "slot", count(*) FROM (
              SELECT "slot" FROM "inbox"."outbox" UNION ALL SELECT "slot" FROM "inbox"."outbox_parked"
              UNION ALL SELECT "slot" FROM "inbox"."outbox_blocked") AS l GROUP BY "slot\""""));
    if (evidence.server()) {
      found.addAll(
          Query.violations(
              evidence,
              "a session is left in a transaction",
              """
              SELECT pid, application_name, state, xact_start FROM pg_stat_activity
              WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
                AND (state LIKE 'idle in transaction%' OR xact_start < now() - interval '30 s')"""));
    }
    return found;
  }

  /** A relay looks at its slots from time to time, and listens on a connection. */
  private static final int MOST_IN_USE = 3;
}
