package io.inbox.samples.orders;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.IntStream;

/** Everybody who orders; few, so that many orders are of the same customer. */
final class Customers {
  static final List<String> ALL = IntStream.range(0, 20).mapToObj(i -> "customer-" + i).toList();

  private Customers() {}

  /** Gives each a row, where there is none. */
  static void create(Connection connection, String insert) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(insert)) {
      for (String customer : ALL) {
        statement.setString(1, customer);
        statement.setString(2, customer);
        statement.executeUpdate();
      }
    }
  }
}
