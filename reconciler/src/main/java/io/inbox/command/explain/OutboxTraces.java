package io.inbox.command.explain;

import io.inbox.command.database.Query;
import io.inbox.command.output.Grid;
import io.inbox.spi.Tables;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What waits in the outbox, or was given up there, because of a message or under its id. */
final class OutboxTraces {
  private static final int MOST = 100;

  private final Query query;
  private final Tables tables;
  private final Unseen unseen;
  private final Asked asked;

  OutboxTraces(Query query, Tables tables, Unseen unseen, Asked asked) {
    this.query = query;
    this.tables = tables;
    this.unseen = unseen;
    this.asked = asked;
  }

  Grid grid() throws SQLException {
    Grid grid =
        new Grid("outbox", "In the outbox (what was published is deleted from it)", "nothing")
            .column("where", "where")
            .text("topic", "topic")
            .text("key", "key")
            .column("messageId", "message id")
            .hidden("tenant")
            .column("appendedAt", "appended")
            .column("deadLetter", "letter")
            .text("error", "error")
            .hidden("state");
    if (asked.what() == Asked.What.SUBJECT) {
      return grid; // an outbox message has none
    }
    add(grid, "outbox", "waiting", "NULL", "NULL", "NULL");
    add(grid, "outbox_parked", "parked", "NULL", "NULL", "NULL");
    add(grid, "outbox_delayed", "delayed", "NULL", "NULL", "NULL");
    add(grid, "outbox_dead_letter", "given up", "o.\"id\"", "o.\"error\"", "o.\"state\"");
    return grid;
  }

  // Locks: none. Reads the whole table: what waits is usually little.
  private void add(Grid grid, String table, String where, String letter, String error, String state)
      throws SQLException {
    List<Object> parameters = new ArrayList<>();
    String condition = condition(parameters);
    String sql =
        "SELECT o.\"topic\", o.\"key\", o.\"message_id\", o.\"tenant\", o.\"appended_at\", "
            + String.join(", ", letter, error, state)
            + " FROM "
            + tables.quoted(table)
            + " o WHERE "
            + condition
            + " ORDER BY o.\"id\" FETCH FIRST "
            + MOST
            + " ROWS ONLY";
    unseen
        .ask(
            query,
            table,
            () ->
                query.list(
                    sql,
                    row ->
                        new @Nullable Object[] {
                          where,
                          row.string(1),
                          row.text(2),
                          row.string(3),
                          row.string(4),
                          row.time(5),
                          row.nullable(6),
                          row.text(7),
                          row.text(8)
                        },
                    parameters.toArray()))
        .ifPresent(rows -> rows.forEach(grid::row));
  }

  private String condition(List<Object> parameters) {
    parameters.add(asked.text());
    if (asked.what() == Asked.What.CORRELATION_ID) {
      return "o.\"correlation_id\" = ?";
    }
    Optional<UUID> id = uuid(asked.text());
    id.ifPresent(parameters::add);
    return id.isPresent()
        ? "(o.\"causation_id\" = ? OR o.\"message_id\" = ?)"
        : "o.\"causation_id\" = ?";
  }

  private static Optional<UUID> uuid(String text) {
    try {
      return text.length() == 36 ? Optional.of(UUID.fromString(text)) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
