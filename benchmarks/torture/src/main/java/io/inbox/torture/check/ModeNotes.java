package io.inbox.torture.check;

import io.inbox.torture.plan.Aged;
import java.sql.SQLException;

/** Tells how often what a mode is about came to pass; what never did was not tested. */
public final class ModeNotes {
  private ModeNotes() {}

  /** Adds them. Before the checkers, of which one leaves drift behind. */
  public static void take(Evidence evidence) throws SQLException {
    switch (evidence.plan().mode()) {
      case KEYS -> {}
      case BUCKETS ->
          note(
              evidence,
              "days that have keys",
              "SELECT count(DISTINCT tableoid) FROM inbox.message WHERE consumer <> '"
                  + Aged.CONSUMER
                  + "'");
      case SHARED ->
          note(
              evidence,
              "transactions shared by several handlers",
              "SELECT count(*) FROM (SELECT 1 FROM applied GROUP BY xmin::text HAVING count(DISTINCT attempt) > 1) s");
      case QUERIES ->
          note(evidence, "handled by queries", "SELECT count(*) FROM applied WHERE version = 0");
      case WATERMARKS -> evidence.note("answers of owners that were fenced: " + evidence.fenced());
    }
  }

  private static void note(Evidence evidence, String what, String count) throws SQLException {
    evidence.note(what + ": " + Query.number(evidence, count));
  }
}
