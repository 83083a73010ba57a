package io.inbox.reconciler.internal.pair;

import io.inbox.reconciler.internal.Times;
import io.inbox.spi.Tables;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the inbox says was handled by one consumer. There is no index on time or consumer: it reads
 * the table.
 */
final class InboxSelect implements BoundSelect {
  private final Tables tables;
  private final Shape shape;
  private final String consumer;
  private final @Nullable String tenant;
  private final @Nullable String source;

  InboxSelect(
      Tables tables,
      Shape shape,
      String consumer,
      @Nullable String tenant,
      @Nullable String source) {
    this.tables = tables;
    this.shape = shape;
    this.consumer = consumer;
    this.tenant = tenant;
    this.source = source;
  }

  /** The columns, in the order in which they are selected. */
  List<Column> columns() {
    List<Column> columns = new ArrayList<>();
    columns.add(Column.text("key"));
    if (shape.tenant()) {
      columns.add(Column.text("tenant"));
    }
    if (shape.source()) {
      columns.add(Column.text("source"));
    }
    for (Value value : shape.values()) {
      columns.add(value.isBytes() ? Column.bytes(value.label()) : Column.text(value.label()));
    }
    return columns;
  }

  private String selected() {
    StringBuilder columns = new StringBuilder(key());
    if (shape.tenant()) {
      columns.append(", m.\"tenant\"");
    }
    if (shape.source()) {
      columns.append(", m.\"source\"");
    }
    for (Value value : shape.values()) {
      columns.append(", ").append(value.expression());
    }
    return columns.toString();
  }

  private String key() {
    return shape.bySubject() ? "m.\"subject\"" : "m.\"message_id\"";
  }

  private String tables() {
    String from = " FROM " + tables.quoted("message") + " m";
    return shape.ofResult()
        ? from
            + " LEFT JOIN "
            + tables.quoted("result")
            + """
             r ON r."tenant" = m."tenant" AND r."consumer" = m."consumer"
            AND r."source" = m."source" AND r."message_id" = m."message_id"
            """
        : from;
  }

  private String whose() {
    return " WHERE m.\"consumer\" = ?"
        + (tenant == null ? "" : " AND m.\"tenant\" = ?")
        + (source == null ? "" : " AND m.\"source\" = ?");
  }

  private int bindWhose(PreparedStatement statement, int first) throws SQLException {
    int next = first;
    statement.setString(next++, consumer);
    if (tenant != null) {
      statement.setString(next++, tenant);
    }
    if (source != null) {
      statement.setString(next++, source);
    }
    return next;
  }

  @Override
  public String sql() {
    String handled =
        whose() + " AND m.\"state\" = 0 AND m.\"handled_at\" >= ? AND m.\"handled_at\" < ?";
    if (!shape.bySubject()) {
      return "SELECT " + selected() + tables() + handled;
    }
    String subjects = handled + " AND m.\"subject\" IS NOT NULL";
    return shape.values().isEmpty()
        ? "SELECT DISTINCT " + selected() + tables() + subjects
        : latest(selected(), subjects);
  }

  /** Of each subject the row that was handled last; of two at the same moment the greater key. */
  private String latest(String selected, String condition) {
    return "SELECT * FROM (SELECT "
        + selected
        + ", ROW_NUMBER() OVER (PARTITION BY m.\"subject\""
        + (shape.tenant() ? ", m.\"tenant\"" : "")
        + (shape.source() ? ", m.\"source\"" : "")
        + " ORDER BY m.\"handled_at\" DESC, m.\"tenant\" DESC, m.\"source\" DESC, m.\"message_id\""
        + " DESC) AS \"nth\""
        + tables()
        + condition
        + ") AS \"l\" WHERE \"nth\" = 1";
  }

  /** Columns of {@link #sql} that are no columns of the side. */
  int hidden() {
    return shape.bySubject() && !shape.values().isEmpty() ? 1 : 0;
  }

  @Override
  public boolean mayRepeat() {
    return false;
  }

  @Override
  public int bind(PreparedStatement statement, int first, Bounds bounds) throws SQLException {
    int next = bindWhose(statement, first);
    statement.setObject(next++, Times.at(bounds.from()));
    statement.setObject(next++, Times.at(bounds.to()));
    return next;
  }

  /**
   * Everything about some keys: by message id whenever it was handled, or given up; by subject the
   * latest handling within bounds. The keys are the last parameter.
   */
  String lookup(ServerSql server, Collection<String> keys) {
    String selected =
        key()
            + " AS \"key\", m.\"tenant\" AS \"tenant\", m.\"source\" AS \"source\","
            + " m.\"handled_at\" AS \"handled_at\", m.\"state\" AS \"state\"";
    StringBuilder values = new StringBuilder();
    for (int i = 0; i < shape.values().size(); i++) {
      values
          .append(", ")
          .append(shape.values().get(i).expression())
          .append(" AS \"v")
          .append(i)
          .append('"');
    }
    return shape.bySubject()
        ? latest(
            selected + values,
            whose()
                + " AND m.\"state\" = 0 AND m.\"handled_at\" >= ? AND m.\"handled_at\" < ? AND "
                + server.isOneOf("m.\"subject\"", keys))
        : "SELECT "
            + selected
            + values
            + tables()
            + whose()
            + " AND "
            + server.isOneOf("m.\"message_id\"", keys);
  }

  /** Binds the parameters of {@link #lookup}. */
  void bindLookup(
      PreparedStatement statement, ServerSql server, Bounds bounds, Collection<String> keys)
      throws SQLException {
    int next = bindWhose(statement, 1);
    if (shape.bySubject()) {
      statement.setObject(next++, Times.at(bounds.from()));
      statement.setObject(next++, Times.at(bounds.to()));
    }
    server.bindKeys(statement, next, keys);
  }
}
