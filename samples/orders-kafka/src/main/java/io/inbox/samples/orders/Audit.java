package io.inbox.samples.orders;

import io.inbox.spi.Tables;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compares both books with what customers ordered, and with each other. */
final class Audit {
  private final Map<String, PlaceOrder> ordered = new HashMap<>();
  private final List<String> differences = new ArrayList<>();
  private final Map<String, Long> expected;
  private long placed;
  private long paid;

  /** A row that says something about an order. */
  private record Entry(String order, String customer, long version, long cents) {}

  private Audit(OrderStream stream) {
    for (PlaceOrder order : stream.orders()) {
      ordered.put(order.order(), order);
    }
    this.expected = new HashMap<>();
    stream.orders().forEach(o -> expected.merge(o.customer(), o.cents(), Long::sum));
  }

  /** Reads both books, and nothing else. */
  static Audit of(OrderStream stream, Connection orders, Connection payments) throws SQLException {
    Audit audit = new Audit(stream);
    List<Entry> placed = entries(orders, "placed");
    audit.placed = placed.size();
    audit.compare(placed, "placed");
    audit.marks(orders);
    List<Entry> reported = entries(orders, "receipt");
    audit.compare(reported, "reported as paid");
    audit.inOrder(reported, "reported as paid");
    audit.letters(orders, "order");
    List<Entry> booked = entries(payments, "payment");
    audit.paid = booked.size();
    audit.compare(booked, "paid");
    audit.inOrder(booked, "paid");
    audit.accounts(payments);
    audit.letters(payments, "payment");
    return audit;
  }

  /** Returns how many orders were placed. */
  long placed() {
    return placed;
  }

  /** Returns how many payments were booked. */
  long paid() {
    return paid;
  }

  /** Returns what differs, each in a few words; nothing if the books are right. */
  List<String> differences() {
    return differences;
  }

  private static List<Entry> entries(Connection connection, String table) throws SQLException {
    List<Entry> entries = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT order_id, customer, version, cents FROM " + table + " ORDER BY seq")) {
      while (row.next()) {
        entries.add(new Entry(row.getString(1), row.getString(2), row.getLong(3), row.getLong(4)));
      }
    }
    return entries;
  }

  /** Each order once, as it was ordered, and the same sums. */
  private void compare(List<Entry> rows, String what) {
    Set<String> seen = new HashSet<>();
    Map<String, Long> sums = new HashMap<>();
    long twice = 0;
    long other = 0;
    for (Entry row : rows) {
      sums.merge(row.customer(), row.cents(), Long::sum);
      PlaceOrder order = ordered.get(row.order());
      if (!seen.add(row.order())) {
        twice++;
      }
      if (order == null
          || !order.customer().equals(row.customer())
          || order.cents() != row.cents()) {
        other++;
      }
    }
    add(twice, what + " once too often");
    add(ordered.keySet().stream().filter(order -> !seen.contains(order)).count(), "not " + what);
    add(other, what + " with another customer or amount");
    sums(sums, what);
  }

  private void sums(Map<String, Long> sums, String what) {
    long off = 0;
    Set<String> customers = new HashSet<>(expected.keySet());
    customers.addAll(sums.keySet());
    for (String customer : customers) {
      off += Math.abs(sums.getOrDefault(customer, 0L) - expected.getOrDefault(customer, 0L));
    }
    if (off > 0) {
      differences.add("sums of orders " + what + " off by " + off + " cents");
    }
  }

  /**
   * What came first of each order of a customer came in the order in which they were placed; what
   * came again may have come at any time.
   */
  private void inOrder(List<Entry> rows, String what) {
    Map<String, Long> last = new HashMap<>();
    Map<String, Set<Long>> seen = new HashMap<>();
    long wrong = 0;
    for (Entry row : rows) {
      if (seen.computeIfAbsent(row.customer(), c -> new HashSet<>()).add(row.version())) {
        Long before = last.put(row.customer(), row.version());
        if (before != null && before > row.version()) {
          wrong++;
        }
      }
    }
    add(wrong, what + " before an earlier one of their customer");
  }

  private void marks(Connection connection) throws SQLException {
    add(number(connection, "SELECT count(*) FROM placed WHERE paid > 1"), "marked as paid twice");
    add(number(connection, "SELECT count(*) FROM placed WHERE paid = 0"), "not marked as paid");
  }

  private void accounts(Connection connection) throws SQLException {
    Map<String, Long> balances = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT customer, cents FROM account")) {
      while (row.next()) {
        balances.put(row.getString(1), row.getLong(2));
      }
    }
    sums(balances, "on accounts");
  }

  private void letters(Connection connection, String service) throws SQLException {
    for (String table : List.of("dead_letter", "outbox_dead_letter")) {
      long letters =
          number(connection, "SELECT count(*) FROM " + Tables.ofDefaults().quoted(table));
      if (letters > 0) {
        differences.add(letters + " dead letters of the " + service + " service");
      }
    }
  }

  private static long number(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  private void add(long count, String what) {
    if (count > 0) {
      differences.add(count + " orders " + what);
    }
  }
}
