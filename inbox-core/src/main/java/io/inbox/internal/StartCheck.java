package io.inbox.internal;

import io.inbox.error.CommitInDoubtException;
import io.inbox.error.ConfigurationException;
import io.inbox.error.InboxException;
import io.inbox.error.RetryLaterException;
import io.inbox.error.SchemaException;
import io.inbox.spi.Records.SchemaStamp;
import io.inbox.spi.SqlError;
import io.inbox.spi.Store;
import io.inbox.spi.StoreReport;
import io.inbox.spi.StoreReport.Durability;
import io.inbox.spi.Transactions;
import java.sql.Connection;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an inbox verifies before it takes a message: server, settings, schema; and the registration
 * of its consumer.
 */
public final class StartCheck {
  /** The version of the schema this code was written for. */
  public static final int SCHEMA_VERSION = 2;

  private static final Logger LOG = LoggerFactory.getLogger("io.inbox.Inbox");
  private static final int ROUNDS = 5;

  private StartCheck() {}

  /** Runs every check, which changes nothing; returns what the store found. */
  public static StoreReport run(Options options) {
    return run(options.store, options.transactions, options.allowReducedDurability);
  }

  /** Runs every check, which changes nothing; returns what the store found. */
  public static StoreReport run(
      Store store, Transactions transactions, boolean allowReducedDurability) {
    try {
      StoreReport report = transactions.inTransaction(unit -> inspect(store, unit.connection()));
      refuseReducedDurability(report, allowReducedDurability);
      return report;
    } catch (CommitInDoubtException e) {
      throw lost(store, e);
    } catch (InboxException e) {
      throw e;
    } catch (Exception e) {
      throw explained(store, e);
    }
  }

  /** Writes the consumer's window into its row. */
  public static void announce(Options options) {
    try {
      register(options);
    } catch (CommitInDoubtException e) {
      throw lost(options.store, e);
    } catch (InboxException e) {
      throw e;
    } catch (Exception e) {
      throw explained(options.store, e);
    }
  }

  private static StoreReport inspect(Store store, Connection connection) throws Exception {
    StoreReport report = store.inspect(connection);
    Optional<SchemaStamp> found;
    try {
      found = store.records().schema(connection);
    } catch (Exception e) {
      if (SqlError.of(e) == SqlError.SCHEMA) {
        throw new SchemaException(
            "IBX-513",
            "found no Inbox schema at "
                + store.tables()
                + ", needed version "
                + SCHEMA_VERSION
                + " (run InboxMigrations.on(dataSource).migrate(), or its rendered SQL, with the same schema and prefix; and grant this role access)",
            e);
      }
      throw e;
    }
    verify(store, found);
    return report;
  }

  private static void verify(Store store, Optional<SchemaStamp> found) {
    if (found.isEmpty()) {
      throw new SchemaException(
          "IBX-514",
          "the Inbox schema at "
              + store.tables()
              + " records no version, needed "
              + SCHEMA_VERSION
              + ": a migration did not end (run it again)");
    }
    SchemaStamp stamp = found.get();
    if (stamp.version() < SCHEMA_VERSION) {
      throw new SchemaException(
          "IBX-515",
          "found Inbox schema version "
              + stamp.version()
              + " at "
              + store.tables()
              + ", needed "
              + SCHEMA_VERSION
              + " (run InboxMigrations.on(dataSource).migrate())");
    }
    if (stamp.compatibleFrom() > SCHEMA_VERSION) {
      throw new SchemaException(
          "IBX-516",
          "found Inbox schema version "
              + stamp.version()
              + " at "
              + store.tables()
              + ", which works with libraries that know version "
              + stamp.compatibleFrom()
              + " or later; this one knows "
              + SCHEMA_VERSION
              + " (upgrade the library)");
    }
  }

  private static void refuseReducedDurability(StoreReport report, boolean allowReducedDurability) {
    for (String remark : report.remarks()) {
      LOG.warn("{}: {}", report.database(), remark);
    }
    if (report.durability() == Durability.REDUCED && !allowReducedDurability) {
      throw new ConfigurationException(
          "IBX-505",
          report.database()
              + " may lose acknowledged messages in a crash: "
              + String.join("; ", report.remarks())
              + " (or accept that with allowReducedDurability of the builder)");
    }
    if (report.durability() == Durability.NONE) {
      LOG.info("{}: nothing survives the end of this process", report.database());
    }
  }

  private static void register(Options options) throws Exception {
    for (int round = 1; ; round++) {
      try {
        options.transactions.inTransaction(
            unit -> {
              options.store.records().register(unit.connection(), options.policy());
              options.store.prepare(unit.connection(), options.policy());
              return options;
            });
        return;
      } catch (Exception e) {
        SqlError error = SqlError.of(e); // another node registers the same consumer right now
        if ((error != SqlError.UNIQUE_VIOLATION && error != SqlError.RETRY)
            || round == ROUNDS
            || !Pause.beforeRound(round)) {
          throw e;
        }
      }
    }
  }

  /** Whether the row was written does not matter: the next start writes it again. */
  private static InboxException lost(Store store, CommitInDoubtException error) {
    return new RetryLaterException(
        "IBX-324",
        "the connection to the database for "
            + store.tables()
            + " was lost while this service started"
            + because(error)
            + " (start it again)",
        error);
  }

  private static InboxException explained(Store store, Exception error) {
    return SqlError.of(error) == SqlError.UNAVAILABLE
        ? new RetryLaterException(
            "IBX-324",
            "the database for "
                + store.tables()
                + " cannot be reached: "
                + error.getMessage()
                + because(error)
                + " (start it, or mend URL and login, then start this service again)",
            error)
        : DatabaseErrors.translated(error);
  }

  /** What the server or the driver said, which a pool hides behind its own timeout. */
  private static String because(Exception error) {
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.equals(error) || root.getMessage() == null ? "" : ": " + root.getMessage();
  }
}
