package io.inbox.migrations;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The names that configuration may choose, validated, and the only way they get into SQL.
 *
 * <p>Every name is lower case and always quoted, so PostgreSQL, H2 and H2 in PostgreSQL mode agree
 * on it, and nothing that passes here can end a quoted identifier.
 */
final class Names {
  static final String DEFAULT_SCHEMA = "inbox";

  /** The longest name of a table, index or constraint, without the prefix. */
  static final String LONGEST_OBJECT = "dead_letter_state_check";

  static final int MAX_BYTES = 63;

  private static final Pattern IDENTIFIER = Pattern.compile("[a-z_][a-z0-9_]{0,62}");
  private static final String ALLOWED =
      "1 to 63 characters out of a-z, 0-9 and _, not beginning with a digit (lower case only)";

  /**
   * Reserved in PostgreSQL or H2. Quoting would make them legal, and every hand-written query a
   * trap.
   */
  private static final Set<String> RESERVED =
      Set.of(
          """
          all analyse analyze and any array as asc asymmetric authorization between binary both case cast check collate
          collation column concurrently constraint create cross current_catalog current_date current_path current_role
          current_schema current_time current_timestamp current_user day default deferrable desc distinct do else end
          except exists false fetch for foreign freeze from full grant group groups having hour if ilike in
          information_schema initially inner intersect intersects interval into is isnull join key lateral leading left
          like limit localtime localtimestamp minus minute month natural not notnull null offset on only or order outer
          over overlaps partition placing primary qualify range regexp references returning right row rownum rows
          second select session_user set similar some symmetric system_user table tablesample then to top trailing true
          uescape union unique unknown user using value values variadic verbose when where window with year
          """
              .strip()
              .split("\\s+"));

  private final String schema;
  private final String prefix;
  private final Map<String, String> placeholders;

  Names(String schema, String prefix, Map<String, String> roles) {
    this.schema = identifier("schema", schema);
    this.prefix = prefix.isEmpty() ? prefix : tablePrefix(prefix);
    Map<String, String> all = new TreeMap<>();
    roles.forEach((placeholder, role) -> all.put(placeholder, identifier("role", role)));
    all.put("schema", this.schema);
    all.put("prefix", this.prefix);
    this.placeholders = Map.copyOf(all);
  }

  private static String tablePrefix(String prefix) {
    identifier("table prefix", prefix);
    int length = prefix.length() + LONGEST_OBJECT.length();
    if (length > MAX_BYTES) {
      throw new MigrationException(
          "IBX-302",
          "table prefix \"%s\" is too long: with %s it makes a name of %d bytes and databases cut names at %d; use at most %d characters"
              .formatted(
                  prefix, LONGEST_OBJECT, length, MAX_BYTES, MAX_BYTES - LONGEST_OBJECT.length()));
    }
    return prefix;
  }

  private static String identifier(String what, String name) {
    if (!IDENTIFIER.matcher(name).matches()) {
      throw new MigrationException(
          "IBX-301", "%s \"%s\" is not allowed: use %s".formatted(what, shown(name), ALLOWED));
    }
    if (name.startsWith("pg_")) {
      throw new MigrationException(
          "IBX-302",
          "%s \"%s\" is not allowed: names beginning with pg_ belong to PostgreSQL; choose another, such as inbox"
              .formatted(what, name));
    }
    if (RESERVED.contains(name)) {
      throw new MigrationException(
          "IBX-302",
          "%s \"%s\" is not allowed: it is a reserved word of SQL; choose another, such as inbox"
              .formatted(what, name));
    }
    return name;
  }

  /** A rejected name goes into logs: cut, and without anything that could forge a line. */
  private static String shown(String name) {
    String printable = name.replaceAll("[^\\x20-\\x7e]", "?");
    return printable.length() <= 80 ? printable : printable.substring(0, 80) + "...";
  }

  String schema() {
    return schema;
  }

  /** The bare name of a table of ours: with the prefix, without quotes. */
  String table(String name) {
    return prefix + name;
  }

  /** A table of ours as SQL: qualified and quoted. */
  String quoted(String table) {
    return "\"%s\".\"%s%s\"".formatted(schema, prefix, table);
  }

  /** Fills in the placeholders of a script. */
  String fill(String script) {
    String filled = script;
    for (Map.Entry<String, String> entry : placeholders.entrySet()) {
      filled = filled.replace("${" + entry.getKey() + "}", entry.getValue());
    }
    return filled;
  }
}
