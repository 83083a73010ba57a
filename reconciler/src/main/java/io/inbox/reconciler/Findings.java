package io.inbox.reconciler;

import io.inbox.error.UsageException;
import io.inbox.reconciler.internal.database.Database;
import io.inbox.reconciler.internal.findings.FindingRows;
import io.inbox.spi.Store;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * What checks found. Each call is one transaction of its own and blocks until it ends. Thread-safe.
 *
 * <p>Every method throws {@link io.inbox.error.RetryLaterException} when the database cannot be
 * reached, and {@link io.inbox.error.DatabaseException} when it refuses.
 */
public final class Findings {
  private static final int LONGEST_REASON = 1_000;

  private final Database database;
  private final FindingRows rows;

  private Findings(Database database, FindingRows rows) {
    this.database = database;
    this.rows = rows;
  }

  /**
   * Opens the findings of a database. Checks database and schema; takes one connection and blocks.
   *
   * @param store how to talk to the database
   * @param dataSource a pool of the database that holds the tables of Inbox
   * @throws io.inbox.error.ConfigurationException if the server cannot be used
   * @throws io.inbox.error.SchemaException if the schema is missing, older than version 3, or too
   *     new
   * @throws io.inbox.error.RetryLaterException if the database cannot be reached
   */
  public static Findings open(Store store, @Nullable DataSource dataSource) {
    return new Findings(Database.open(store, dataSource), new FindingRows(store.tables()));
  }

  /** Returns findings in the order in which they were first seen. */
  public List<Finding> list(FindingQuery query) {
    return database.transaction(connection -> rows.list(connection, query));
  }

  /** Returns one finding. */
  public Optional<Finding> show(long id) {
    return database.transaction(connection -> rows.find(connection, id));
  }

  /**
   * Resolves an open finding: it was dealt with. A run that sees it again opens it.
   *
   * @param reason why, stored with the finding; not blank, at most 1,000 characters
   * @throws UsageException if there is no such open finding, or the reason is missing
   */
  public void resolve(long id, String reason) {
    end(id, Finding.State.RESOLVED, reason);
  }

  /**
   * Accepts an open finding: it stays as it is. Runs that see it again count it, and leave it
   * accepted.
   *
   * @param reason why, stored with the finding; not blank, at most 1,000 characters
   * @throws UsageException if there is no such open finding, or the reason is missing
   */
  public void accept(long id, String reason) {
    end(id, Finding.State.ACCEPTED, reason);
  }

  private void end(long id, Finding.State state, @Nullable String reason) {
    if (reason == null || reason.isBlank() || reason.length() > LONGEST_REASON) {
      throw new UsageException(
          "IBX-703",
          "finding "
              + id
              + " is resolved or accepted for a reason of 1 to 1,000 characters (say who decided,"
              + " and why)");
    }
    boolean ended = database.transaction(connection -> rows.end(connection, id, state, reason));
    if (!ended) {
      throw new UsageException(
          "IBX-615", "there is no open finding " + id + " (list the open ones)");
    }
  }
}
