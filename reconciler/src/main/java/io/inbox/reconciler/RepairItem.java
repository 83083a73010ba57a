package io.inbox.reconciler;

import io.inbox.MessageKey;

/** What is to be repaired. */
public sealed interface RepairItem {
  /**
   * What a finding is about.
   *
   * @param id the finding
   */
  record OfFinding(long id) implements RepairItem {
    @Override
    public String toString() {
      return "finding " + id;
    }
  }

  /**
   * A key.
   *
   * @param key the key
   */
  record OfKey(MessageKey key) implements RepairItem {
    @Override
    public String toString() {
      return "key " + key;
    }
  }

  /**
   * A dead letter of the inbox.
   *
   * @param id the letter
   */
  record OfLetter(long id) implements RepairItem {
    @Override
    public String toString() {
      return "dead letter " + id;
    }
  }

  /**
   * A dead letter of the outbox.
   *
   * @param id the letter
   */
  record OfOutboxLetter(long id) implements RepairItem {
    @Override
    public String toString() {
      return "outbox dead letter " + id;
    }
  }
}
