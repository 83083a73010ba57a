package io.inbox.reconciler.internal.repair;

import io.inbox.MessageKey;
import io.inbox.reconciler.Finding;
import io.inbox.reconciler.RepairItem;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an item is about.
 *
 * @param finding the finding, null where the item was named directly
 * @param key the key, null where it is about none
 * @param letter the dead letter, null where it is about none
 */
record Subject(
    RepairItem item, @Nullable Finding finding, @Nullable MessageKey key, @Nullable Letter letter) {
  /**
   * A dead letter.
   *
   * @param outbox whether it is one of the outbox
   */
  record Letter(boolean outbox, long id, String tenant, String consumer) {
    @Override
    public String toString() {
      return (outbox ? "outbox dead letter " : "dead letter ") + id;
    }
  }

  String tenant() {
    return letter != null ? letter.tenant() : key != null ? key.tenant() : "";
  }

  Optional<String> kind() {
    return finding == null ? Optional.empty() : Optional.of(finding.kind());
  }

  String about() {
    if (finding == null) {
      return item.toString();
    }
    return finding.kind()
        + " "
        + finding.consumer().map(consumer -> consumer + " ").orElse("")
        + finding.item();
  }
}
