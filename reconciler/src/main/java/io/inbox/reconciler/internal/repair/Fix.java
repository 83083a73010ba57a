package io.inbox.reconciler.internal.repair;

import java.sql.Connection;

/** One way to repair. */
interface Fix {
  /**
   * Repairs in the transaction of the connection, or only says what it would do. Unless it is ready
   * the transaction is rolled back, so a row may be changed first, which locks it, and judged then.
   */
  Verdict on(Connection connection, Subject subject, boolean apply) throws Exception;
}
