package io.inbox.reconciler.internal.pair;

import io.inbox.error.ConfigurationException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collection;

/** What is said differently by one database and another. Expressions are SQL text. */
interface ServerSql {
  /** Returns what the database of this connection speaks. */
  static ServerSql of(Connection connection) throws SQLException {
    String product = connection.getMetaData().getDatabaseProductName();
    return switch (product) {
      case "PostgreSQL" -> PostgresSql.of(connection);
      case "H2" -> new H2Sql();
      default ->
          throw new ConfigurationException(
              "IBX-613",
              "effects can be read by a SELECT from PostgreSQL and H2, found "
                  + product
                  + " (write the keys to a file, or give an EffectSource)");
    };
  }

  /** Returns whether the database has a hash of its own that another one of its sort shares. */
  boolean hasServerHash();

  /** Returns what the server's own hash makes of a few texts, to be compared with another's. */
  String hashProbe(Connection connection) throws SQLException;

  /** Returns a column as text that is the same on every database. */
  String text(String column, Column type);

  /** Returns the 64-bit hash of a text. */
  String hash(HashKind kind, String text, long seed);

  /** Returns the bucket of a 64-bit hash, where so many of the first 16 bits do not count. */
  String bucket(String hash, int shift);

  /** Returns what keeps an inner query from being evaluated for each use of its columns. */
  String fence();

  /**
   * Refuses to go on where row-level security hides rows: they would be missing from one side.
   *
   * @throws ConfigurationException naming the remedy
   */
  void refuseHiddenRows(Connection connection, String table) throws SQLException;

  /** Returns about how many rows a table has, without reading it. */
  long rowsAbout(Connection connection, String table) throws SQLException;

  /** Returns the character of this code. */
  String character(int code);

  /** Returns what sorts texts by their UTF-8 bytes. */
  String byBytes(String text);

  /** Returns the condition that a text is one of some keys, which may be the next parameter. */
  String isOneOf(String text, Collection<String> keys);

  /** Binds that parameter, if it is one. */
  void bindKeys(PreparedStatement statement, int index, Collection<String> keys)
      throws SQLException;

  /** Returns the condition that a bucket is in a set, which is the next parameter, as bytes. */
  String isIn(String bucket);

  /** Prepares the current transaction for grouping a whole table into buckets. */
  void beforeGrouping(Connection connection) throws SQLException;
}
