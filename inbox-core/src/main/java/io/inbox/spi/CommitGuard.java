package io.inbox.spi;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Makes sure, as the last thing before COMMIT, that the transaction is still the one that claimed
 * the key and can still commit: a driver may report success for a COMMIT that the server turned
 * into a ROLLBACK, and a database may silently have begun another transaction. Cannot be switched
 * off. Thread-safe.
 */
public interface CommitGuard {
  /**
   * Returns whether {@link #verify} itself sees that a statement failed. Where it does not, every
   * failed statement dooms the unit of work.
   */
  boolean seesFailedStatements();

  /**
   * Returns whether DDL commits the transaction it runs in. Where it does, handlers are refused to
   * send any: the key would be committed with half of their writes.
   */
  boolean ddlCommits();

  /**
   * Returns what identifies the transaction, taken right after the claim.
   *
   * @throws SQLException when the database cannot tell
   */
  Object mark(Connection connection) throws SQLException;

  /**
   * Returns normally only if a COMMIT would now commit the marked transaction.
   *
   * @throws SQLException when the database cannot tell
   * @throws io.inbox.error.UsageException when the handler ended the transaction, or swallowed the
   *     error of a failed statement
   */
  void verify(Connection connection, Object mark) throws SQLException;
}
