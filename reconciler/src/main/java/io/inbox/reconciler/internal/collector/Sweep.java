package io.inbox.reconciler.internal.collector;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.SortedMap;

/**
 * Finds the rows of a table that are due by going over it from one end to the other, and removes
 * them. No index tells their age: an index would have to be kept by every claim.
 *
 * <p>What a place is, a page or a row, is the implementation's; places are numbered from 0 in an
 * order that lasts as long as {@link #layout} stays the same.
 */
interface Sweep {
  /** Sets what holds for the transaction that has just begun: bounded waits for locks. */
  void begin(Connection connection) throws SQLException;

  /** Returns what the places of a table mean; places of another layout mean nothing. */
  String layout(Connection connection, Target target) throws SQLException;

  /** Returns a place that lies after all rows. */
  long end(Connection connection, Target target) throws SQLException;

  /** Returns about how many rows are in a place, at most. */
  int rowsPerPlace();

  /** Removes what is due from a place on, in about so many places. */
  Swept remove(Connection connection, Target target, Due due, long from, long places)
      throws SQLException;

  /** Counts what {@link #remove} would remove; changes and locks nothing. */
  Swept count(Connection connection, Target target, Due due, long from, long places)
      throws SQLException;

  /**
   * What became of a piece of a table.
   *
   * @param next the place to go on at
   * @param rows how many rows are gone, by consumer; under the empty name where they have none
   * @param results how many stored results went with them
   * @param kept how many copies of outbox messages went with them
   * @param unregistered how many rows were passed whose consumer is not registered, by consumer
   * @param skipped how many places were left out because somebody else had locked a row
   */
  record Swept(
      long next,
      SortedMap<String, Long> rows,
      long results,
      long kept,
      Map<String, Long> unregistered,
      long skipped) {
    long sum() {
      return rows.values().stream().mapToLong(Long::longValue).sum();
    }
  }
}
