package io.inbox.spi;

import io.inbox.error.ConfigurationException;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where the tables of Inbox are: a schema and a prefix, both validated, so that no configuration
 * can inject SQL. Immutable.
 *
 * <p>Defaults: schema {@code inbox}, no prefix.
 */
public final class Tables {
  private static final Pattern IDENTIFIER = Pattern.compile("[a-z_][a-z0-9_]*");
  private static final Set<String> RESERVED =
      Set.of(
          "all",
          "and",
          "any",
          "as",
          "check",
          "column",
          "constraint",
          "create",
          "default",
          "delete",
          "from",
          "grant",
          "group",
          "in",
          "information_schema",
          "insert",
          "into",
          "not",
          "null",
          "on",
          "or",
          "order",
          "primary",
          "references",
          "select",
          "table",
          "to",
          "union",
          "unique",
          "update",
          "user",
          "using",
          "where",
          "with");
  private static final int LONGEST_NAME = 63;

  /** As the migrations have it: the names of indexes and sequences must fit, too. */
  private static final int LONGEST_PREFIX = 40;

  private static final Tables DEFAULTS = new Tables("inbox", "");

  private final String schema;
  private final String prefix;

  private Tables(String schema, String prefix) {
    this.schema = schema;
    this.prefix = prefix;
  }

  /** Returns the defaults. */
  public static Tables ofDefaults() {
    return DEFAULTS;
  }

  /**
   * Returns the tables in a schema whose names start with a prefix; both must be what the migration
   * was given.
   *
   * @param schema lower-case letters, digits and underscores, at most 63, not starting with a digit
   *     or {@code pg_}, no reserved word
   * @param prefix the same, at most 40, or empty
   * @throws ConfigurationException naming the rule that is broken
   */
  public static Tables in(String schema, String prefix) {
    identifier("schema", schema, LONGEST_NAME);
    if (prefix == null || !prefix.isEmpty()) {
      identifier("table prefix", prefix, LONGEST_PREFIX);
    }
    return new Tables(schema, prefix);
  }

  /** Returns the schema's name. */
  public String schema() {
    return schema;
  }

  /** Returns the prefix of every table's name. */
  public String prefix() {
    return prefix;
  }

  /** Returns a table's name, quoted and qualified, as both PostgreSQL and H2 read it. */
  public String quoted(String table) {
    return '"' + schema + "\".\"" + prefix + table + '"';
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tables tables
        && schema.equals(tables.schema)
        && prefix.equals(tables.prefix);
  }

  @Override
  public int hashCode() {
    return Objects.hash(schema, prefix);
  }

  /** Returns schema and prefix. */
  @Override
  public String toString() {
    return schema + "." + prefix + "*";
  }

  private static void identifier(String place, @Nullable String name, int longest) {
    if (name == null || name.length() > longest || !IDENTIFIER.matcher(name).matches()) {
      throw new ConfigurationException(
          "IBX-301",
          place
              + " must match [a-z_][a-z0-9_]* with at most "
              + longest
              + " characters"
              + (name == null ? ", it is null" : ", it has " + name.length()));
    }
    if (name.startsWith("pg_") || RESERVED.contains(name)) {
      throw new ConfigurationException(
          "IBX-302", place + " '" + name + "' is reserved by the database (try 'inbox')");
    }
  }
}
