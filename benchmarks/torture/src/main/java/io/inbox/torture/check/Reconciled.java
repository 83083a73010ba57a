package io.inbox.torture.check;

import io.inbox.reconciler.Finding;
import io.inbox.reconciler.FindingQuery;
import io.inbox.reconciler.Findings;
import io.inbox.reconciler.JobResult;
import io.inbox.reconciler.JobStatus;
import io.inbox.reconciler.Jobs;
import io.inbox.reconciler.ReconcileReport;
import io.inbox.reconciler.Reconciler;
import io.inbox.torture.plan.Group;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The reconciler found nothing while deliveries went on and faults struck; of the drift that is
 * seeded here, in three directions, it finds each and nothing else. The last of the checkers: it
 * leaves the drift behind.
 */
final class Reconciled implements Checker {
  private static final int OF_EACH = 10;
  private static final int MOST_FINDINGS = 1_000;

  private static final String COPY =
      """
      INSERT INTO applied (tenant, consumer, source, message_id, number, account, amount, version, attempt,
        started_at, ended_at)
      SELECT tenant, consumer, source, %s, number, account, amount, version, attempt, started_at, ended_at
      FROM applied WHERE %%s""";

  @Override
  public Invariant invariant() {
    return Invariant.I10;
  }

  @Override
  public List<String> violations(Evidence evidence) throws SQLException {
    Findings findings = Findings.open(evidence.store(), evidence.database());
    Query.Found found = new Query.Found();
    for (Finding.State state : Finding.State.values()) {
      for (Finding finding : findings.list(FindingQuery.first(MOST_FINDINGS).in(state))) {
        found.add("drift that was not there: " + finding + " (" + state + ")");
      }
    }
    evidence.note("the reconciler succeeded last: " + lastSuccess(evidence));
    Set<String> seeded = seed(evidence);
    Set<String> seen = new TreeSet<>();
    JobResult<ReconcileReport> result =
        Reconciler.builder(evidence.store(), evidence.database())
            .withoutBuiltInChecks()
            .checks(evidence.housekeeping().checks(null))
            .settle(Duration.ZERO)
            .job("reconcile-last")
            .build()
            .run();
    if (!(result instanceof JobResult.Done<ReconcileReport> done) || !done.value().isComplete()) {
      found.add("the reconciler could not end its run: " + result);
    }
    for (Finding finding : findings.list(FindingQuery.first(MOST_FINDINGS))) {
      seen.add(
          finding.kind()
              + " "
              + finding.consumer().orElse("")
              + " "
              + finding.tenant().orElse("")
              + " "
              + finding.source().orElse("")
              + " "
              + finding.item());
    }
    seeded.stream().filter(one -> !seen.contains(one)).forEach(one -> found.add("missed: " + one));
    seen.stream().filter(one -> !seeded.contains(one)).forEach(one -> found.add("made up: " + one));
    return found.lines();
  }

  private static String lastSuccess(Evidence evidence) {
    return Jobs.open(evidence.store(), evidence.database())
        .status("reconcile")
        .flatMap(JobStatus::succeededAt)
        .map(Object::toString)
        .orElse("never");
  }

  private static Set<String> seed(Evidence evidence) throws SQLException {
    Set<String> seeded = new TreeSet<>();
    try (Connection connection = evidence.database().getConnection()) {
      connection.setAutoCommit(false);
      for (String consumer : Group.CONSUMERS) {
        List<String[]> keys = keys(connection, consumer);
        for (int i = 0; i < keys.size(); i++) {
          String[] key = keys.get(i);
          if (i < OF_EACH) {
            change(connection, "DELETE FROM applied WHERE %s", consumer, key);
            seeded.add("HANDLED_WITHOUT_EFFECT " + consumer + " " + String.join(" ", key));
          } else if (i < 2 * OF_EACH) {
            change(connection, COPY.formatted("message_id"), consumer, key);
            seeded.add("EFFECT_TWICE " + consumer + " " + String.join(" ", key));
          } else {
            change(connection, COPY.formatted("'of-nobody-' || message_id"), consumer, key);
            seeded.add(
                "EFFECT_WITHOUT_HANDLING "
                    + consumer
                    + " "
                    + key[0]
                    + " "
                    + key[1]
                    + " of-nobody-"
                    + key[2]);
          }
        }
      }
      connection.commit();
    }
    return seeded;
  }

  private static List<String[]> keys(Connection connection, String consumer) throws SQLException {
    List<String[]> keys = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT tenant, source, message_id FROM applied WHERE consumer = ?"
                + " GROUP BY tenant, source, message_id HAVING count(*) = 1"
                + " ORDER BY message_id, tenant, source LIMIT "
                + 3 * OF_EACH)) {
      statement.setString(1, consumer);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          keys.add(new String[] {row.getString(1), row.getString(2), row.getString(3)});
        }
      }
    }
    return keys;
  }

  private static void change(Connection connection, String change, String consumer, String[] key)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            change.formatted("consumer = ? AND tenant = ? AND source = ? AND message_id = ?"))) {
      statement.setString(1, consumer);
      for (int i = 0; i < key.length; i++) {
        statement.setString(i + 2, key[i]);
      }
      if (statement.executeUpdate() != 1) {
        throw new IllegalStateException("not one effect of " + String.join(" ", key));
      }
    }
  }
}
