package io.inbox.internal.outbox;

import io.inbox.outbox.OutboxMessage;
import io.inbox.spi.OutboxStatements.Row;
import org.jspecify.annotations.Nullable;

/**
 * A message that is to be published now.
 *
 * @param slot the slot it is in
 * @param row the row, with its payload
 * @param lane its lane
 * @param waiting the lane it was parked in; null if it comes from the outbox itself
 */
record Entry(OwnedSlot slot, Row row, String lane, @Nullable BlockedLane waiting) {
  OutboxMessage message() {
    return row.message();
  }
}
