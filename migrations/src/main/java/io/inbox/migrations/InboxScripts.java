package io.inbox.migrations;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The schema of Inbox as SQL files for a DBA, with every name filled in; no database is needed to
 * write them.
 *
 * <p>They hold the same statements as {@link InboxMigrations#migrate()} runs and record the schema
 * version, so that method recognises a schema made from them. For PostgreSQL there are three more,
 * {@code roles.sql}, {@code row-level-security.sql} and {@code time-buckets.sql}, which no method
 * runs.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public final class InboxScripts {
  private static final String SCHEMA_SCRIPT = "V000__schema.sql";
  private static final List<String> POSTGRES_EXTRAS =
      List.of("roles.sql", "row-level-security.sql", "time-buckets.sql");

  private final Database database;
  private final String schema;
  private final String prefix;
  private final Map<Role, String> roles;

  private InboxScripts(Database database, String schema, String prefix, Map<Role, String> roles) {
    this.database = database;
    this.schema = schema;
    this.prefix = prefix;
    this.roles = new EnumMap<>(roles);
    names();
  }

  /** Starts with the scripts for this database. */
  public static InboxScripts of(Database database) {
    Objects.requireNonNull(database, "database");
    Map<Role, String> defaults = new EnumMap<>(Role.class);
    for (Role role : Role.values()) {
      defaults.put(role, role.defaultName());
    }
    return new InboxScripts(database, Names.DEFAULT_SCHEMA, "", defaults);
  }

  /**
   * Returns a copy that uses this schema; by default {@code inbox}.
   *
   * @throws MigrationException IBX-301 or IBX-302 if the name is not allowed; the message says what
   *     is
   */
  public InboxScripts schema(String schema) {
    Objects.requireNonNull(schema, "schema");
    return new InboxScripts(database, schema, prefix, roles);
  }

  /**
   * Returns a copy that begins the name of every table with this prefix; by default empty.
   *
   * @throws MigrationException IBX-301 or IBX-302 if the prefix is not allowed; the message says
   *     what is
   */
  public InboxScripts prefix(String prefix) {
    Objects.requireNonNull(prefix, "prefix");
    return new InboxScripts(database, schema, prefix, roles);
  }

  /**
   * Returns a copy that calls a role by this name. Roles belong to the whole PostgreSQL cluster:
   * databases that must not share them need names of their own.
   *
   * @throws MigrationException IBX-301 or IBX-302 if the name is not allowed; the message says what
   *     is
   */
  public InboxScripts role(Role role, String name) {
    Objects.requireNonNull(role, "role");
    Objects.requireNonNull(name, "name");
    Map<Role, String> changed = new EnumMap<>(roles);
    changed.put(role, name);
    return new InboxScripts(database, schema, prefix, changed);
  }

  /**
   * Writes the files into a folder, which is created if it does not exist, and returns them in the
   * order in which they are to be run. Files of the same names are replaced.
   *
   * @throws MigrationException IBX-525 if the folder cannot be written
   */
  public List<Path> render(Path folder) {
    Map<String, String> scripts = scripts();
    List<Path> written = new ArrayList<>();
    try {
      Files.createDirectories(folder);
      for (Map.Entry<String, String> script : scripts.entrySet()) {
        Path file = folder.resolve(script.getKey());
        Files.writeString(file, script.getValue(), StandardCharsets.UTF_8);
        written.add(file);
      }
      return List.copyOf(written);
    } catch (IOException e) {
      throw new MigrationException(
          "IBX-525",
          "cannot write the SQL files to %s: %s; name a folder that can be created and written"
              .formatted(folder, e),
          e);
    }
  }

  /** File names and their text. The names sort into the order of running: V before r. */
  private Map<String, String> scripts() {
    Names names = names();
    Map<String, String> scripts = new TreeMap<>();
    scripts.put(
        SCHEMA_SCRIPT, names.fill(Catalog.resource(database.folder() + "/" + SCHEMA_SCRIPT)));
    for (Migration migration : Catalog.RELEASED.migrations()) {
      scripts.put(migration.fileName(), names.fill(Catalog.RELEASED.script(database, migration)));
    }
    if (database == Database.POSTGRESQL) {
      for (String extra : POSTGRES_EXTRAS) {
        scripts.put(extra, names.fill(Catalog.resource(database.folder() + "/" + extra)));
      }
    }
    return scripts;
  }

  private Names names() {
    Map<String, String> placeholders = new TreeMap<>();
    roles.forEach((role, name) -> placeholders.put(role.placeholder(), name));
    return new Names(schema, prefix, placeholders);
  }
}
