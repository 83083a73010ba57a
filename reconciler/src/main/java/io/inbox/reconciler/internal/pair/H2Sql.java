package io.inbox.reconciler.internal.pair;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.stream.Collectors;

/** What H2 says. It sorts texts by UTF-16, so their bytes are asked for wherever order counts. */
final class H2Sql implements ServerSql {
  @Override
  public boolean hasServerHash() {
    return false;
  }

  @Override
  public String hashProbe(Connection connection) {
    return "";
  }

  @Override
  public String text(String column, Column type) {
    return type.isBytes()
        ? "LOWER(RAWTOHEX(" + column + "))"
        : type.isText() ? column : "CAST(" + column + " AS VARCHAR)";
  }

  @Override
  public String hash(HashKind kind, String text, long seed) {
    if (kind == HashKind.SERVER) {
      throw new IllegalArgumentException("H2 shares no hash of its own");
    }
    return "CAST(SUBSTRING(HASH('SHA-256', STRINGTOUTF8(" + text + ")) FROM 1 FOR 8) AS BIGINT)";
  }

  @Override
  public String bucket(String hash, int shift) {
    return "CAST(RSHIFT("
        + hash
        + ", "
        + (48 + shift)
        + ") + "
        + (32_768 >> shift)
        + " AS INTEGER)";
  }

  @Override
  public String fence() {
    return "";
  }

  @Override
  public void refuseHiddenRows(Connection connection, String table) {
    // H2 has no row-level security.
  }

  /** H2 keeps count of a whole table. */
  @Override
  public long rowsAbout(Connection connection, String table) throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement("SELECT COUNT(*) FROM " + table);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  @Override
  public String character(int code) {
    return "CHAR(" + code + ")";
  }

  @Override
  public String byBytes(String text) {
    return "STRINGTOUTF8(" + text + ")";
  }

  /**
   * H2 looks literals up in a set, but would compare each row with each element of an array. Not on
   * the bare column, nor on what H2 simplifies to it, as it does with an empty text appended: then
   * it would run the query below it again for each literal.
   */
  @Override
  public String isOneOf(String text, Collection<String> keys) {
    return keys.stream()
        .map(key -> "'" + key.replace("'", "''") + "'")
        .collect(Collectors.joining(", ", "SUBSTRING(" + text + " FROM 1) IN (", ")"));
  }

  @Override
  public void bindKeys(PreparedStatement statement, int index, Collection<String> keys) {
    // They stand in the statement.
  }

  @Override
  public String isIn(String bucket) {
    return "BITGET(?, " + bucket + ")";
  }

  @Override
  public void beforeGrouping(Connection connection) {
    // It groups by hashing anyway.
  }
}
