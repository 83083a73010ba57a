package io.inbox.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** How a hand-written claim bounds its wait for a concurrent one, to two seconds. */
enum Bound {
  /** Not at all: a hung transaction hangs every redelivery of its message. For information. */
  NONE,
  /** SET LOCAL before and after, each a round trip. */
  STATEMENTS,
  /** SET LOCAL before and after, in the round trip of the claim. */
  ONE_TRIP,
  /** By functions inside the claim: set in its WHERE, put back in its RETURNING. */
  FUNCTIONS;

  private static final String SET = "SET LOCAL lock_timeout = '2s'";
  private static final String RESET = "SET LOCAL lock_timeout = 0";

  String claim(boolean withTime) {
    String values = "?, '" + JdbcContender.CONSUMER + "', ?, ?" + (withTime ? ", ?" : "");
    String insert = insert(withTime);
    return switch (this) {
      case NONE, STATEMENTS -> insert + "VALUES (" + values + ") ON CONFLICT DO NOTHING";
      case ONE_TRIP ->
          SET + "; " + insert + "VALUES (" + values + ") ON CONFLICT DO NOTHING; " + RESET;
      case FUNCTIONS ->
          insert
              + "SELECT "
              + values
              + " WHERE set_config('lock_timeout', '2s', true) IS NOT NULL"
              + " ON CONFLICT DO NOTHING RETURNING set_config('lock_timeout', '0', true)";
    };
  }

  String claimAll(boolean withTime) {
    String insert =
        insert(withTime)
            + "SELECT ?, '"
            + JdbcContender.CONSUMER
            + "', ?, k.* FROM unnest(?::text[]"
            + (withTime ? ", ?::timestamptz[]" : "")
            + ") k";
    String rest = " ON CONFLICT DO NOTHING RETURNING message_id";
    return switch (this) {
      case NONE, STATEMENTS -> insert + rest;
      case ONE_TRIP -> SET + "; " + insert + rest + "; " + RESET;
      case FUNCTIONS ->
          "WITH won AS ("
              + insert
              + " WHERE set_config('lock_timeout', '2s', true) IS NOT NULL"
              + rest
              + "), n AS MATERIALIZED (SELECT count(*) AS rows FROM won),"
              + " after AS MATERIALIZED (SELECT set_config('lock_timeout', CASE WHEN n.rows >= 0 THEN '0' END, true) FROM n)"
              + " SELECT won.message_id FROM after, won";
    };
  }

  private static String insert(boolean withTime) {
    return "INSERT INTO inbox.message (tenant, consumer, source, message_id"
        + (withTime ? ", message_time" : "")
        + ") ";
  }

  void before(Connection connection) throws SQLException {
    if (this == STATEMENTS) {
      execute(connection, SET);
    }
  }

  void after(Connection connection) throws SQLException {
    if (this == STATEMENTS) {
      execute(connection, RESET);
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.execute();
    }
  }

  /** Runs a claim of one key; returns how many rows it wrote. */
  int claimed(PreparedStatement claim) throws SQLException {
    return switch (this) {
      case NONE, STATEMENTS -> claim.executeUpdate();
      case ONE_TRIP -> {
        claim.execute();
        claim.getMoreResults();
        yield claim.getUpdateCount();
      }
      case FUNCTIONS -> {
        try (ResultSet rows = claim.executeQuery()) {
          yield rows.next() ? 1 : 0;
        }
      }
    };
  }

  /** Runs a claim of many keys; returns how many were new. */
  int claimedAll(PreparedStatement claim) throws SQLException {
    if (this == ONE_TRIP) {
      claim.execute();
      claim.getMoreResults();
      try (ResultSet rows = claim.getResultSet()) {
        return JdbcContender.count(rows);
      }
    }
    try (ResultSet rows = claim.executeQuery()) {
      return JdbcContender.count(rows);
    }
  }
}
