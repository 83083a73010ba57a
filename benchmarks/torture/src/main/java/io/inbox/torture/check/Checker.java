package io.inbox.torture.check;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/** Looks for violations of one invariant after the run. */
public interface Checker {
  /** Returns which one. */
  Invariant invariant();

  /** Returns what breaks it, one line each; empty where it holds. */
  List<String> violations(Evidence evidence) throws SQLException, IOException;

  /** All checkers, in their order: the last one seeds drift. */
  static List<Checker> all() {
    return List.of(
        new Torn(),
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
        new Collected(),
        new Reconciled());
  }
}
