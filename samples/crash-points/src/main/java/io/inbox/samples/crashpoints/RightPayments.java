package io.inbox.samples.crashpoints;

import io.inbox.Message;
import io.inbox.Transaction;
import java.sql.SQLException;

/** Writes all of it in the transaction that holds the message's key. */
final class RightPayments extends Payments {
  @Override
  void handle(Message message, Transaction tx) throws SQLException {
    journal(tx.connection(), message);
    credit(tx.connection());
  }
}
