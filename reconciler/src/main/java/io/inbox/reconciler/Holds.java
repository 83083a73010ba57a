package io.inbox.reconciler;

import io.inbox.error.UsageException;
import io.inbox.reconciler.internal.database.Database;
import io.inbox.reconciler.internal.retention.CollectorPause;
import io.inbox.reconciler.internal.retention.HoldRows;
import io.inbox.spi.Store;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * What must not be collected, whatever its age: for an investigation, or because a law says so.
 * Takes one connection at a time and blocks. Thread-safe.
 */
public final class Holds {
  private static final Duration LONGEST = Duration.ofDays(36_500);

  private final Database database;
  private final HoldRows rows;

  private Holds(Database database) {
    this.database = database;
    this.rows = new HoldRows(database);
  }

  /**
   * Opens the holds of a database. On PostgreSQL as a member of {@code inbox_operator}.
   *
   * @throws io.inbox.error.SchemaException if the schema is missing, older than version 3, or too
   *     new
   * @throws io.inbox.error.RetryLaterException if the database cannot be reached
   */
  public static Holds open(Store store, @Nullable DataSource dataSource) {
    return new Holds(Database.open(store, dataSource));
  }

  /**
   * Places a hold that lasts until it is released.
   *
   * @see #place(Hold.Scope, String, String, Duration)
   */
  public Hold place(Hold.Scope scope, String reason, String placedBy) {
    return place(scope, reason, placedBy, null);
  }

  /**
   * Places a hold. When it returns, nothing that the hold covers, and that is still there, is
   * collected any more.
   *
   * @param reason why; stored
   * @param placedBy who; stored
   * @param length how long it lasts, by the database's clock; null for until it is released
   * @throws UsageException IBX-703 without a reason, IBX-713 if a text or the length is out of
   *     range
   * @throws io.inbox.error.RetryLaterException if a batch takes too long to be waited for; the hold
   *     is placed, but that batch may not have seen it
   */
  public Hold place(Hold.Scope scope, String reason, String placedBy, @Nullable Duration length) {
    text("reason", reason);
    text("placedBy", placedBy);
    if (length != null
        && (length.isNegative() || length.isZero() || length.compareTo(LONGEST) > 0)) {
      throw new UsageException(
          "IBX-713",
          "the length of a hold is " + length + ", it must be above 0, at most 36,500 days");
    }
    Hold hold =
        database.transaction(
            connection -> rows.insert(connection, scope, reason, placedBy, length));
    CollectorPause.await(database);
    return hold;
  }

  /**
   * Ends a hold now. Its row stays, so that it can be told who held what, and until when.
   *
   * @return whether there was such a hold that had not ended
   */
  public boolean release(long id) {
    return database.transaction(connection -> rows.end(connection, id));
  }

  /**
   * Ends a hold now, and records who ended it, and why, beside the repairs.
   *
   * @param reason why; stored
   * @param releasedBy who; stored
   * @return whether there was such a hold that had not ended
   * @throws UsageException IBX-703 without a reason, IBX-713 if a text is out of range
   */
  public boolean release(long id, String reason, String releasedBy) {
    text("reason", reason);
    text("releasedBy", releasedBy);
    return database.transaction(connection -> rows.end(connection, id, reason, releasedBy));
  }

  /** Returns the holds that have not ended, in the order in which they were placed. */
  public List<Hold> list() {
    return database.transaction(connection -> rows.list(connection, false));
  }

  /** Returns all holds, also those that have ended, in the order in which they were placed. */
  public List<Hold> listAll() {
    return database.transaction(connection -> rows.list(connection, true));
  }

  private static void text(String name, @Nullable String text) {
    if (text == null || text.isBlank()) {
      throw new UsageException(
          "IBX-703",
          "a hold needs a " + name + ", which is stored with it (say who decided, and why)");
    }
    if (text.length() > 2_000 || text.chars().anyMatch(Character::isISOControl)) {
      throw new UsageException(
          "IBX-713", name + " has more than 2,000 characters, or control characters");
    }
  }
}
