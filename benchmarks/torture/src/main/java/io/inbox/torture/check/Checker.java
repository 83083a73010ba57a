package io.inbox.torture.check;

import io.inbox.torture.plan.Mode;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Looks for violations of one invariant after the run. */
public interface Checker {
  /** Returns which one. */
  Invariant invariant();

  /** Returns what breaks it, one line each; empty where it holds. */
  List<String> violations(Evidence evidence) throws SQLException, IOException;

  /** All checkers of a mode, in their order: one that seeds drift is the last. */
  static List<Checker> all(Mode mode) {
    List<Checker> checkers = new ArrayList<>();
    checkers.add(mode.ordered() ? new Passed() : new Torn());
    checkers.addAll(
        List.of(
            new EffectCount(),
            new Conservation(),
            new AcknowledgedIsStored(),
            new PublishedOrder(),
            new PublishedIsCommitted(),
            new Liveness(),
            new SlotOwners(),
            new Resources(),
            new Tenants(),
            new SingleFlight(),
            new DeadLetters(),
            new Cells(),
            new Complaints(),
            new Collected()));
    if (!mode.ordered()) {
      checkers.add(new Reconciled());
    }
    return checkers;
  }
}
