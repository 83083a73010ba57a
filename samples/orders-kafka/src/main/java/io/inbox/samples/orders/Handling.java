package io.inbox.samples.orders;

import io.inbox.outbox.OutboxAppender;
import java.sql.Connection;
import java.sql.SQLException;

/** What a service does with a message, in the transaction it is given. */
@FunctionalInterface
interface Handling {
  /**
   * Handles a message.
   *
   * @param payload what it says
   * @param connection for the business tables
   * @param outbox for what others are to be told
   */
  void handle(byte[] payload, Connection connection, OutboxAppender outbox) throws SQLException;
}
