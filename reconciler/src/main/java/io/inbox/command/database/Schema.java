package io.inbox.command.database;

import io.inbox.command.CommandException;
import io.inbox.spi.Tables;
import java.sql.SQLException;
import java.util.Optional;

/**
 * The version of the schema that was found, checked against what this program knows.
 *
 * @param version the newest migration
 * @param compatibleFrom the oldest library that may work on it
 */
public record Schema(int version, int compatibleFrom) {
  /** The newest version this program knows. */
  public static final int NEWEST = 4;

  /** The version with an outbox, which every command but {@code migrate} needs. */
  public static final int OLDEST = 2;

  /**
   * Reads the version.
   *
   * @throws CommandException if there is none, or none that this program can work on
   */
  public static Schema require(Query query, Tables tables) throws SQLException {
    Schema found =
        query
            .ifVisible(() -> read(query, tables))
            .orElseThrow(
                () ->
                    CommandException.failed(
                        "IBX-513: found no Inbox schema at "
                            + tables
                            + ", or this login may not read it (run inbox migrate with the same --schema and --prefix, or grant the login a role)",
                        null))
            .orElseThrow(
                () ->
                    CommandException.failed(
                        "IBX-514: the Inbox schema at "
                            + tables
                            + " records no version: a migration did not end (run inbox migrate again)",
                        null));
    if (found.version < OLDEST) {
      throw CommandException.failed(
          "IBX-515: found Inbox schema version "
              + found.version
              + " at "
              + tables
              + ", needed "
              + OLDEST
              + " (run inbox migrate)",
          null);
    }
    if (found.compatibleFrom > NEWEST) {
      throw CommandException.failed(
          "IBX-516: found Inbox schema version "
              + found.version
              + " at "
              + tables
              + ", which works with programs that know version "
              + found.compatibleFrom
              + " or later; this one knows "
              + NEWEST
              + " (take a newer inbox)",
          null);
    }
    return found;
  }

  // Locks: none. Reads the whole table, which has a row for each migration.
  private static Optional<Schema> read(Query query, Tables tables) throws SQLException {
    return query.first(
        "SELECT \"version\", \"compatible_from\" FROM "
            + tables.quoted("schema_version")
            + " ORDER BY \"version\" DESC FETCH FIRST 1 ROW ONLY",
        row -> new Schema((int) row.number(1), (int) row.number(2)));
  }
}
