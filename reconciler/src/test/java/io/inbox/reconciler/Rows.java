package io.inbox.reconciler;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes rows of a given age, by the database's clock, and reads which are left. */
final class Rows {
  static final Duration DAY = Duration.ofDays(1);
  static final Duration HOUR = Duration.ofHours(1);

  /** What the collector's tests register: keys go after fifteen days, a day of which is margin. */
  static final Duration WINDOW = Duration.ofDays(14);

  static final Duration OLD = Duration.ofDays(15).plus(HOUR);
  static final Duration YOUNG = Duration.ofDays(15).minus(HOUR);

  private static final List<String> TABLES =
      List.of(
          "consumer",
          "message",
          "result",
          "attempt",
          "dead_letter",
          "outbox_kept",
          "outbox_dead_letter",
          "job",
          "retention",
          "hold",
          "finding",
          "repair");

  private final Fixture database;
  private final OffsetDateTime now;

  Rows(Fixture database) throws SQLException {
    this.database = database;
    try (Connection connection = database.connect();
        PreparedStatement statement = connection.prepareStatement("SELECT CURRENT_TIMESTAMP");
        var row = statement.executeQuery()) {
      row.next();
      now = row.getObject(1, OffsetDateTime.class);
    }
  }

  OffsetDateTime before(Duration age) {
    return now.minus(age);
  }

  Rows consumer(String name, Duration window) throws SQLException {
    return insert("consumer", "\"consumer\", \"dedupe_window_seconds\"", name, window.toSeconds());
  }

  /** A key of consumer c, without tenant. */
  Rows message(String id, Duration age) throws SQLException {
    return message("", "c", id, age);
  }

  Rows message(String tenant, String consumer, String id, Duration age) throws SQLException {
    return insert(
        "message",
        "\"tenant\", \"consumer\", \"source\", \"message_id\", \"handled_at\", \"subject\"",
        tenant,
        consumer,
        "s",
        id,
        before(age),
        "about " + id);
  }

  Rows messageOfTime(String id, Duration handled, OffsetDateTime messageTime) throws SQLException {
    return insert(
        "message",
        "\"tenant\", \"consumer\", \"source\", \"message_id\", \"handled_at\", \"message_time\"",
        "",
        "c",
        "s",
        id,
        before(handled),
        messageTime);
  }

  /** Many keys of one age: one statement. */
  Rows messages(String prefix, int count, Duration age) throws SQLException {
    String series =
        database.platform.isPostgres()
            ? "generate_series(1, " + count + ") AS x (n)"
            : "SYSTEM_RANGE(1, " + count + ") AS x (n)";
    try (Connection connection = database.connect();
        PreparedStatement statement =
            connection.prepareStatement(
                "INSERT INTO \"inbox\".\"message\" (\"tenant\", \"consumer\", \"source\","
                    + " \"message_id\", \"handled_at\") SELECT '', 'c', 's', CAST(? AS VARCHAR) ||"
                    + " n, CAST(? AS TIMESTAMP WITH TIME ZONE) FROM "
                    + series)) {
      statement.setString(1, prefix);
      statement.setObject(2, before(age));
      statement.executeUpdate();
    }
    return this;
  }

  /** Interleaves rows that are due with rows that are not, so that every page has both. */
  Rows mixed(int each) throws SQLException {
    for (int block = 0; block * 100 < each; block++) {
      messages("old-" + block + "-", Math.min(100, each - block * 100), OLD);
      messages("young-" + block + "-", Math.min(100, each - block * 100), YOUNG);
    }
    return this;
  }

  Rows result(String id) throws SQLException {
    return insert(
        "result",
        "\"tenant\", \"consumer\", \"source\", \"message_id\", \"result\", \"signature\"",
        "",
        "c",
        "s",
        id,
        new byte[] {1},
        new byte[] {2});
  }

  Rows kept(String id, int position) throws SQLException {
    return insert(
        "outbox_kept",
        "\"tenant\", \"consumer\", \"source\", \"handled_id\", \"position\", \"message_id\","
            + " \"message_tenant\", \"topic\"",
        "",
        "c",
        "s",
        id,
        position,
        new java.util.UUID(1, position),
        "",
        "t");
  }

  Rows attempt(String id, Duration age) throws SQLException {
    return attempt("", "c", id, age);
  }

  Rows attempt(String tenant, String consumer, String id, Duration age) throws SQLException {
    return insert(
        "attempt",
        "\"tenant\", \"consumer\", \"source\", \"message_id\", \"attempts\", \"last_failed_at\"",
        tenant,
        consumer,
        "s",
        id,
        3,
        before(age));
  }

  /** A dead letter of the inbox; settled so long ago, or open if that is null. */
  Rows letter(String tenant, String consumer, String id, Duration settled) throws SQLException {
    return insert(
        "dead_letter",
        "\"tenant\", \"consumer\", \"source\", \"message_id\", \"reason\", \"state\","
            + " \"resolved_at\"",
        tenant,
        consumer,
        "s",
        id,
        "MISMATCH",
        settled == null ? "OPEN" : "DISCARDED",
        settled == null ? null : before(settled));
  }

  Rows outboxLetter(String tenant, String topic, Duration settled) throws SQLException {
    return insert(
        "outbox_dead_letter",
        "\"message_id\", \"tenant\", \"topic\", \"appended_at\", \"reason\", \"attempts\","
            + " \"state\", \"resolved_at\"",
        new java.util.UUID(2, 2),
        tenant,
        topic,
        now,
        "r",
        1,
        settled == null ? "OPEN" : "REQUEUED",
        settled == null ? null : before(settled));
  }

  Rows finding(String item, Duration resolved) throws SQLException {
    return insert(
        "finding",
        "\"digest\", \"check_name\", \"kind\", \"severity\", \"cause\", \"tenant\", \"consumer\","
            + " \"source\", \"item\", \"resolved_at\"",
        item.getBytes(java.nio.charset.StandardCharsets.UTF_8),
        "k",
        "k",
        "ERROR",
        "c",
        "acme",
        "c",
        "s",
        item,
        resolved == null ? null : before(resolved));
  }

  private Rows insert(String table, String columns, Object... values) throws SQLException {
    try (Connection connection = database.connect();
        PreparedStatement statement =
            connection.prepareStatement(
                "INSERT INTO \"inbox\".\"%s\" (%s) VALUES (%s)"
                    .formatted(
                        table, columns, "?" + ", ?".repeat(columns.split(",", -1).length - 1)))) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      statement.executeUpdate();
    }
    return this;
  }

  /** The ids of the keys that are left. */
  List<String> messages() throws SQLException {
    return database.column(
        "SELECT \"message_id\" FROM \"inbox\".\"message\" ORDER BY \"message_id\"");
  }

  List<String> left(String table, String column) throws SQLException {
    return database.column(
        "SELECT \"%2$s\" FROM \"inbox\".\"%1$s\" ORDER BY \"%2$s\"".formatted(table, column));
  }

  long due() throws SQLException {
    return database.number(
        "SELECT COUNT(*) FROM \"inbox\".\"message\" WHERE \"handled_at\" <= CAST(? AS TIMESTAMP"
            + " WITH TIME ZONE)",
        before(OLD));
  }

  long notDue() throws SQLException {
    return database.number(
        "SELECT COUNT(*) FROM \"inbox\".\"message\" WHERE \"handled_at\" > CAST(? AS TIMESTAMP WITH"
            + " TIME ZONE)",
        before(OLD));
  }

  /** Every column of every row of every table. */
  Map<String, List<String>> everything() throws SQLException {
    TreeMap<String, List<String>> everything = new TreeMap<>();
    try (Connection connection = database.connect()) {
      for (String table : TABLES) {
        List<String> rows = new ArrayList<>();
        try (var statement = connection.createStatement();
            var row = statement.executeQuery("SELECT * FROM \"inbox\".\"" + table + "\"")) {
          while (row.next()) {
            StringBuilder text = new StringBuilder();
            for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
              text.append(row.getString(i)).append('|');
            }
            rows.add(text.toString());
          }
        }
        rows.sort(null);
        everything.put(table, rows);
      }
    }
    return everything;
  }
}
