package io.inbox.reconciler.internal.builtin;

import io.inbox.reconciler.spi.CheckRun;
import io.inbox.reconciler.spi.Sighting;
import java.sql.SQLException;
import java.util.List;

/** Whether the schema is the one that this library knows, and every migration up to it was made. */
public final class SchemaCheckup extends BuiltIn {
  private static final int KNOWN = 4;

  public SchemaCheckup(BuiltInOptions options) {
    super("schema", options);
  }

  @Override
  boolean look(CheckRun run) throws SQLException {
    String sql =
        "SELECT \"version\" FROM %s ORDER BY \"version\"".formatted(table(run, "schema_version"));
    List<Integer> versions = Query.list(run, sql, row -> row.getInt(1));
    int newest = versions.get(versions.size() - 1); // without one no check would run
    for (int version = 1; version < newest; version++) {
      if (!versions.contains(version)) {
        run.found(
            Sighting.error("MIGRATION_MISSING", "version " + version)
                .cause("a migration was left out")
                .detail(
                    "the schema is of version "
                        + newest
                        + " but version "
                        + version
                        + " was not recorded (run its file, which inbox migrate --render writes)")
                .build());
      }
    }
    if (newest > KNOWN) {
      run.found(
          Sighting.warning("LIBRARY_OLD", "version " + newest)
              .cause("the schema is newer than this library")
              .detail(
                  "the schema is of version "
                      + newest
                      + ", this library knows "
                      + KNOWN
                      + " and works with it (upgrade the reconciler, so that it checks what is"
                      + " new)")
              .build());
    }
    return true;
  }
}
