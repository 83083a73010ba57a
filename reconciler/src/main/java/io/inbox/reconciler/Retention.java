package io.inbox.reconciler;

import io.inbox.error.UsageException;
import io.inbox.reconciler.internal.database.Database;
import io.inbox.reconciler.internal.retention.CollectorPause;
import io.inbox.reconciler.internal.retention.KeyParts;
import io.inbox.reconciler.internal.retention.RetentionRows;
import io.inbox.spi.Store;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * How long the collector keeps rows where that is longer than the dedupe window. It keeps a row for
 * the longest of its consumer's window and all rules that name it, and its margin on top.
 *
 * <p>A rule lengthens, and never shortens, what the window says: a shorter one changes nothing.
 * Takes one connection at a time and blocks. Thread-safe.
 */
public final class Retention {
  private final Database database;
  private final RetentionRows rows;

  private Retention(Database database) {
    this.database = database;
    this.rows = new RetentionRows(database);
  }

  /**
   * Opens the retention rules of a database. On PostgreSQL as a member of {@code inbox_operator}.
   *
   * @throws io.inbox.error.SchemaException if the schema is missing, older than version 3, or too
   *     new
   * @throws io.inbox.error.RetryLaterException if the database cannot be reached
   */
  public static Retention open(Store store, @Nullable DataSource dataSource) {
    return new Retention(Database.open(store, dataSource));
  }

  /**
   * Sets a rule, in place of one for the same consumer and tenant. When it returns, no batch of a
   * collector that runs ignores it.
   *
   * @throws io.inbox.error.RetryLaterException if a batch takes too long to be waited for; the rule
   *     is set, call again to be sure
   */
  public void keep(Rule rule) {
    database.transaction(
        connection -> {
          rows.put(connection, rule);
          return rule;
        });
    CollectorPause.await(database);
  }

  /** Removes the rule for a consumer and tenant; returns whether there was one. */
  public boolean forget(Rule rule) {
    return database.transaction(connection -> rows.remove(connection, rule));
  }

  /** Returns all rules, by consumer and tenant. */
  public List<Rule> list() {
    return database.transaction(rows::list);
  }

  /**
   * How long to keep the rows of a consumer, of a tenant, or of both.
   *
   * @param consumer whose rows; null for those of every consumer
   * @param tenant whose rows; null for those of every tenant, empty for those without one
   * @param keep how long, 1 s to 36,500 days
   */
  public record Rule(@Nullable String consumer, @Nullable String tenant, Duration keep) {
    private static final Duration LONGEST = Duration.ofDays(36_500);

    /**
     * Checks the rule.
     *
     * @throws UsageException IBX-713 if the time is out of its range, or a name is no name
     */
    public Rule {
      KeyParts.check("consumer", consumer, false);
      KeyParts.check("tenant", tenant, true);
      if (keep == null
          || keep.compareTo(Duration.ofSeconds(1)) < 0
          || keep.compareTo(LONGEST) > 0) {
        throw new UsageException(
            "IBX-713", "retention is " + keep + ", it must be 1 s to 36,500 days");
      }
    }

    /** Returns a rule for a consumer. */
    public static Rule ofConsumer(String consumer, Duration keep) {
      return new Rule(KeyParts.present("consumer", consumer), null, keep);
    }

    /** Returns a rule for a tenant, in all consumers. */
    public static Rule ofTenant(String tenant, Duration keep) {
      return new Rule(null, KeyParts.present("tenant", tenant), keep);
    }

    /** Returns a rule for everything. */
    public static Rule ofEverything(Duration keep) {
      return new Rule(null, null, keep);
    }

    /** Returns the rule's consumer, if it names one. */
    public Optional<String> namedConsumer() {
      return Optional.ofNullable(consumer);
    }

    /** Returns the rule's tenant, if it names one. */
    public Optional<String> namedTenant() {
      return Optional.ofNullable(tenant);
    }
  }
}
