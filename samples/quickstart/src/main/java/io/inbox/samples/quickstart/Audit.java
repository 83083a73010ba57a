package io.inbox.samples.quickstart;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compares the books in the database with the recount of the input. */
final class Audit {
  private static final int FETCH = 1_000;

  private final Recount recount;
  private final Set<String> booked = new HashSet<>();
  private long twice;
  private long otherContent;
  private long otherPosting;
  private long unknown;
  private final List<String> differences = new ArrayList<>();

  private Audit(Recount recount) {
    this.recount = recount;
  }

  /** Returns what differs, each in a few words; nothing if the books are right. */
  static List<String> of(Connection connection, Recount recount, Tally tally) throws SQLException {
    Audit audit = new Audit(recount);
    audit.bookings(connection);
    audit.balances(connection);
    if (!tally.sameOutcomes(recount.tally())) {
      audit.differences.add("expected " + recount.tally().line());
    }
    return audit.differences;
  }

  private void bookings(Connection connection) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT \"message_id\", \"content\", \"account\", \"amount\" FROM " + Books.BOOKING)) {
      select.setFetchSize(FETCH);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          booking(row);
        }
      }
    }
    long expected = recount.firsts().values().stream().filter(f -> f.posting() != null).count();
    long missing = expected - booked.size();
    add(twice, "booked more than once");
    add(otherContent, "booked with another content than the first delivered");
    add(otherPosting, "booked with another account or amount");
    add(unknown, "booked that must not be");
    add(missing, "not booked");
  }

  private void booking(ResultSet row) throws SQLException {
    Recount.First first = recount.firsts().get(row.getString(1));
    if (first == null || first.posting() == null) {
      unknown++;
      return;
    }
    if (!booked.add(row.getString(1))) {
      twice++;
    }
    if (!first.content().equals(row.getString(2))) {
      otherContent++;
    } else if (!first.posting().account().equals(row.getString(3))
        || first.posting().amount().compareTo(row.getBigDecimal(4)) != 0) {
      otherPosting++;
    }
  }

  private void balances(Connection connection) throws SQLException {
    Map<String, BigDecimal> expected = new HashMap<>(recount.balances());
    long wrong = 0;
    BigDecimal off = BigDecimal.ZERO;
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT \"account\", \"balance\" FROM " + Books.ACCOUNT)) {
      while (row.next()) {
        BigDecimal right = expected.remove(row.getString(1));
        BigDecimal difference =
            row.getBigDecimal(2).subtract(right == null ? BigDecimal.ZERO : right);
        if (right == null || difference.signum() != 0) {
          wrong++;
          off = off.add(difference.abs());
        }
      }
    }
    for (BigDecimal missing : expected.values()) {
      wrong++;
      off = off.add(missing.abs());
    }
    if (wrong > 0) {
      differences.add(
          wrong
              + (wrong == 1 ? " balance" : " balances")
              + " wrong, by "
              + off.stripTrailingZeros().toPlainString()
              + " in all");
    }
  }

  private void add(long count, String what) {
    if (count > 0) {
      differences.add(count + " " + what);
    }
  }
}
