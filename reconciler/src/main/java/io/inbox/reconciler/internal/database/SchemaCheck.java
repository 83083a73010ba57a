package io.inbox.reconciler.internal.database;

import io.inbox.error.SchemaException;
import io.inbox.spi.Records.SchemaStamp;
import io.inbox.spi.SqlError;
import io.inbox.spi.Store;
import java.sql.Connection;
import java.util.Optional;

/** Whether the schema has what the jobs need; services that only handle messages need less. */
final class SchemaCheck {
  /** The version of the schema this code was written for. */
  static final int SCHEMA_VERSION = 3;

  private static final String MIGRATE =
      " (run InboxMigrations.on(dataSource).migrate(), or its rendered SQL, with the same schema and prefix)";

  private SchemaCheck() {}

  /** Checks the server, then the schema; changes nothing. */
  static void run(Store store, Connection connection) throws Exception {
    store.inspect(connection);
    verify(store, stamp(store, connection));
  }

  private static Optional<SchemaStamp> stamp(Store store, Connection connection) throws Exception {
    try {
      return store.records().schema(connection);
    } catch (Exception e) {
      if (SqlError.of(e) == SqlError.SCHEMA) {
        throw new SchemaException(
            "IBX-513",
            "found no Inbox schema at "
                + store.tables()
                + ", needed version "
                + SCHEMA_VERSION
                + MIGRATE
                + "; and grant this role access",
            e);
      }
      throw e;
    }
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
              + ", jobs need "
              + SCHEMA_VERSION
              + MIGRATE);
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
}
