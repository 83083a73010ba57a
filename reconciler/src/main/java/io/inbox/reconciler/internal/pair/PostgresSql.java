package io.inbox.reconciler.internal.pair;

import io.inbox.error.ConfigurationException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;

/** What PostgreSQL says. */
final class PostgresSql implements ServerSql {
  private final boolean utf8;

  private PostgresSql(boolean utf8) {
    this.utf8 = utf8;
  }

  static PostgresSql of(Connection connection) throws SQLException {
    String encoding = text(connection, "SELECT current_setting('server_encoding')");
    if (encoding.equals("SQL_ASCII")) {
      throw new ConfigurationException(
          "IBX-613",
          "the database of the effects does not know how its texts are encoded (SQL_ASCII), so keys"
              + " cannot be compared (export them to a file in UTF-8)");
    }
    return new PostgresSql(encoding.equals("UTF8"));
  }

  @Override
  public boolean hasServerHash() {
    return utf8;
  }

  /** The hash is that of the processor's byte order; nothing but its promise binds a release. */
  @Override
  public String hashProbe(Connection connection) throws SQLException {
    return text(
        connection,
        """
        SELECT string_agg(hashtextextended(t COLLATE "C", s)::text, ',' ORDER BY n)
        FROM (VALUES (1, '', 0), (2, 'a', 7), (3, '0190163d-8694-739b-aea5-966c26f8ad90', 0), (4, U&'\\00e9\\20ac\\+01f600', 1),
          (5, repeat('0123456789abcdef', 40), -1)) AS p (n, t, s)
        """);
  }

  @Override
  public String text(String column, Column type) {
    return type.isBytes()
        ? "encode(" + column + ", 'hex')"
        : type.isText() ? column : column + "::text";
  }

  @Override
  public String hash(HashKind kind, String text, long seed) {
    return kind == HashKind.SERVER
        ? "hashtextextended(" + text + " COLLATE \"C\", " + seed + ")"
        : "('x' || encode(substring(sha256(convert_to("
            + text
            + ", 'UTF8')) FROM 1 FOR 8), 'hex'))::bit(64)::bigint";
  }

  @Override
  public String bucket(String hash, int shift) {
    return "((" + hash + " >> " + (48 + shift) + ") + " + (32_768 >> shift) + ")::integer";
  }

  @Override
  public String fence() {
    return " OFFSET 0";
  }

  /**
   * Everybody is bound by forced policies, but for superusers; one that lets all pass is enough.
   */
  @Override
  public void refuseHiddenRows(Connection connection, String table) throws SQLException {
    String hidden =
        text(
            connection,
            """
            SELECT (row_security_active(c.oid) AND NOT EXISTS (
              SELECT FROM pg_policy p
              WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd IN ('r', '*')
                AND pg_get_expr(p.polqual, p.polrelid) = 'true'
                AND EXISTS (SELECT FROM unnest(p.polroles) AS r (role) WHERE r.role = 0 OR pg_has_role(r.role, 'USAGE'))))::text
            FROM pg_class c WHERE c.oid = to_regclass('%s')
            """
                .formatted(table));
    if (hidden.equals("true")) {
      throw new ConfigurationException(
          "IBX-510",
          "row-level security hides rows of "
              + table
              + " from this role, so they would look as if they were missing (log in as a member of inbox_reconciler)");
    }
  }

  @Override
  public long rowsAbout(Connection connection, String table) throws SQLException {
    String rows =
        text(
            connection,
            "SELECT sum(CASE WHEN reltuples > 0 THEN reltuples ELSE pg_relation_size(oid) / 150"
                + " END)::bigint::text FROM pg_class, to_regclass('"
                + table
                + "') t WHERE oid = t OR oid IN"
                + " (SELECT inhrelid FROM pg_inherits WHERE inhparent = t)");
    return Long.parseLong(rows);
  }

  @Override
  public String character(int code) {
    return "chr(" + code + ")";
  }

  @Override
  public String byBytes(String text) {
    return utf8 ? text + " COLLATE \"C\"" : "convert_to(" + text + ", 'UTF8')";
  }

  @Override
  public String isOneOf(String text, Collection<String> keys) {
    return text + " = ANY(?)";
  }

  @Override
  public void bindKeys(PreparedStatement statement, int index, Collection<String> keys)
      throws SQLException {
    statement.setArray(index, statement.getConnection().createArrayOf("text", keys.toArray()));
  }

  @Override
  public String isIn(String bucket) {
    return "get_bit(?, " + bucket + ") = 1";
  }

  /**
   * The planner knows nothing about how many different hashes there are, takes every row for a
   * group of its own, and would sort the table. The groups are few, and fit into this much.
   */
  @Override
  public void beforeGrouping(Connection connection) throws SQLException {
    text(
        connection,
        """
        SELECT set_config('enable_sort', 'off', true),
          set_config('work_mem', greatest(pg_size_bytes(current_setting('work_mem')), 67108864) / 1024 || 'kB', true)
        """);
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getString(1);
    }
  }
}
