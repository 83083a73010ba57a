package io.inbox.reconciler.internal.pair;

import java.sql.Connection;

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
  public String bucket(String hash) {
    return "CAST(RSHIFT(" + hash + ", 48) + 32768 AS INTEGER)";
  }

  @Override
  public String character(int code) {
    return "CHAR(" + code + ")";
  }

  @Override
  public String byBytes(String text) {
    return "STRINGTOUTF8(" + text + ")";
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
