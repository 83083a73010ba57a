package io.inbox.torture.check;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Slots change hands under rising epochs, and only their owner deletes. Watched by triggers. */
final class SlotOwners implements Checker {
  @Override
  public Invariant invariant() {
    return Invariant.I8;
  }

  @Override
  public List<String> violations(Evidence evidence) throws SQLException {
    if (!evidence.server()) {
      return List.of(); // there is one process, and nobody to take a slot from it
    }
    List<String> found = new ArrayList<>();
    found.addAll(
        Query.violations(
            evidence,
            "a slot was taken under an epoch that does not follow (slot, before, epoch)",
            "SELECT slot, before, epoch FROM slot_taken WHERE epoch <> before + 1"));
    found.addAll(
        Query.violations(
            evidence,
            "an epoch was given twice (slot, epoch)",
            "SELECT slot, epoch FROM slot_taken GROUP BY slot, epoch HAVING count(*) > 1"));
    found.addAll(
        Query.violations(
            evidence,
            "rows of a slot were deleted by another than its owner (slot, epoch, owner, who)",
            "SELECT slot, epoch, owner, deleted_by FROM slot_misused"));
    return found;
  }
}
