package io.inbox.benchmarks;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** The business writes: the same text for every contender, so that only the claim differs. */
final class Books {
  private static final String CREDIT =
      """
      INSERT INTO account (id, balance) VALUES (?, ?)
      ON CONFLICT (id) DO UPDATE SET balance = account.balance + excluded.balance""";

  // In the order of the ids, so that two batches cannot deadlock; summed, because one statement may
  // touch a row only once.
  private static final String CREDIT_ALL =
      """
      INSERT INTO account (id, balance)
      SELECT id, sum(amount) FROM unnest(?::bigint[], ?::bigint[]) AS booking (id, amount) GROUP BY id ORDER BY id
      ON CONFLICT (id) DO UPDATE SET balance = account.balance + excluded.balance""";

  private static final long AMOUNT = 7;

  private Books() {}

  /** Makes the accounts of all threads, with room in each page for the next version of a row. */
  static void create(DurablePostgres server, int lanes) throws SQLException {
    server.execute(
        "CREATE TABLE account (id bigint PRIMARY KEY, balance bigint NOT NULL) WITH (fillfactor = 50)");
    server.execute(
        "INSERT INTO account SELECT id, 0 FROM generate_series(0, "
            + ((long) lanes * Feed.ACCOUNTS_OF_A_LANE - 1)
            + ") id");
  }

  static void credit(Connection connection, long account) throws SQLException {
    try (PreparedStatement credit = connection.prepareStatement(CREDIT)) {
      credit.setLong(1, account);
      credit.setLong(2, AMOUNT);
      if (credit.executeUpdate() != 1) {
        throw new IllegalStateException("account " + account + " was not credited");
      }
    }
  }

  static void creditAll(Connection connection, Long[] accounts) throws SQLException {
    Long[] amounts = new Long[accounts.length];
    java.util.Arrays.fill(amounts, AMOUNT);
    try (PreparedStatement credit = connection.prepareStatement(CREDIT_ALL)) {
      bind(connection, credit, 1, "bigint", accounts);
      bind(connection, credit, 2, "bigint", amounts);
      credit.executeUpdate();
    }
  }

  static void bind(
      Connection connection, PreparedStatement statement, int place, String type, Object[] values)
      throws SQLException {
    Array array = connection.createArrayOf(type, values);
    statement.setArray(place, array);
    array.free();
  }

  /** Returns how many messages the books say were handled. */
  static long handled(DurablePostgres server) throws SQLException {
    return server.number("SELECT (sum(balance) / " + AMOUNT + ")::bigint FROM account");
  }
}
