package io.inbox.command.letters;

import io.inbox.command.database.Query;
import io.inbox.command.database.Query.Row;
import io.inbox.command.deed.Item;
import io.inbox.command.output.Block;
import io.inbox.command.output.Grid;
import io.inbox.outbox.OutboxDeadLetter;
import io.inbox.outbox.OutboxMessage;
import io.inbox.spi.Tables;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The messages that relays gave up, of every topic and tenant. */
public final class OutboxLetters implements Letters {
  private static final String COLUMNS =
      "SELECT \"id\", \"topic\", \"tenant\", \"key\", \"message_id\", \"reason\", \"state\", \"attempts\", \"dead_lettered_at\","
          + " \"error\", \"appended_at\", \"correlation_id\", \"causation_id\", \"resolved_at\", \"resolution\" FROM ";

  private final String table;

  /** Works on the letters of these tables. */
  public OutboxLetters(Tables tables) {
    this.table = tables.quoted("outbox_dead_letter");
  }

  // Locks: none. Index: outbox_dead_state_idx where the state is named, else the primary key.
  @Override
  public Page list(Query query, Selection selection, int limit) throws SQLException {
    Grid grid =
        new Grid("letters", "Dead letters of the outbox", "none")
            .column("id", "id")
            .text("topic", "topic")
            .hidden("tenant")
            .text("key", "key")
            .hidden("messageId")
            .column("reason", "reason")
            .hidden("state")
            .column("attempts", "tries")
            .column("deadLetteredAt", "given up")
            .text("error", "error")
            .hidden("appendedAt")
            .hidden("correlationId")
            .hidden("causationId")
            .hidden("resolvedAt")
            .hidden("resolution");
    Selection.Where where = selection.where("topic");
    List<@Nullable Object[]> rows =
        query.list(
            COLUMNS + table + where.sql() + " ORDER BY \"id\" FETCH FIRST " + limit + " ROWS ONLY",
            OutboxLetters::cells,
            where.parameters().toArray());
    rows.forEach(grid::row);
    long last = rows.isEmpty() ? 0 : (Long) rows.get(rows.size() - 1)[0];
    return new Page(new Block().grid(grid), rows.size(), last);
  }

  private static @Nullable Object[] cells(Row row) throws SQLException {
    return new @Nullable Object[] {
      row.number(1),
      row.string(2),
      row.string(3),
      row.text(4),
      row.string(5),
      row.string(6),
      row.string(7),
      row.number(8),
      row.time(9),
      row.text(10),
      row.time(11),
      row.text(12),
      row.text(13),
      row.time(14),
      row.text(15)
    };
  }

  // Locks: none. Index: the primary key.
  @Override
  public Optional<Shown> show(Query query, long id) throws SQLException {
    Optional<Block> known =
        query.first(COLUMNS + table + " WHERE \"id\" = ?", OutboxLetters::facts, id);
    if (known.isEmpty()) {
      return Optional.empty();
    }
    // Headers and payload are not everybody's to read.
    Optional<OutboxMessage> content =
        query
            .ifVisible(
                () ->
                    query.first(
                        "SELECT \"headers\", \"payload\" FROM " + table + " WHERE \"id\" = ?",
                        OutboxLetters::content,
                        id))
            .flatMap(found -> found);
    Optional<byte[]> payload =
        content.filter(OutboxMessage::hasPayload).map(OutboxMessage::payload);
    Block block =
        known
            .get()
            .fact("contentVisible", "headers and payload may be seen", content.isPresent())
            .fact(
                "payloadBytes", "bytes of payload", payload.map(bytes -> bytes.length).orElse(null))
            .grid(InboxLetters.headers(content.map(OutboxMessage::headers).orElse(Map.of())));
    return Optional.of(new Shown(block, payload));
  }

  /** Reads headers as the library does; what else is in the message is shown from its columns. */
  private static OutboxMessage content(Row row) throws SQLException {
    return OutboxMessage.stored(
        new UUID(0, 0), "", "content", null, row.string(1), row.bytes(2), null, null);
  }

  private static Block facts(Row row) throws SQLException {
    return new Block()
        .fact("id", "dead letter", row.number(1))
        .fact("topic", "topic", row.string(2))
        .fact("tenant", "tenant", row.string(3).isEmpty() ? null : row.string(3))
        .fact("key", "key", row.text(4))
        .fact("messageId", "message id", row.string(5))
        .fact("reason", "reason", row.string(6))
        .fact("state", "state", row.string(7))
        .fact("attempts", "attempts", row.number(8))
        .fact("deadLetteredAt", "given up", row.time(9))
        .fact("error", "error", row.text(10))
        .fact("appendedAt", "appended", row.time(11))
        .fact("correlationId", "correlation id", row.text(12))
        .fact("causationId", "caused by message", row.text(13))
        .fact("resolvedAt", "ended", row.time(14))
        .fact("resolution", "because", row.text(15));
  }

  @Override
  public List<Item> find(Query query, Selection selection, int limit) throws SQLException {
    Selection.Where where = selection.where("topic");
    return query.list(
        COLUMNS + table + where.sql() + " ORDER BY \"id\" FETCH FIRST " + limit + " ROWS ONLY",
        OutboxLetters::letter,
        where.parameters().toArray());
  }

  @Override
  public Optional<Item> find(Query query, long id) throws SQLException {
    return query.first(COLUMNS + table + " WHERE \"id\" = ?", OutboxLetters::letter, id);
  }

  private static Item letter(Row row) throws SQLException {
    return new Item(
        row.number(1),
        row.string(3),
        row.string(2),
        row.string(7).equals(OutboxDeadLetter.State.OPEN.name()),
        row.string(6) + " " + (row.text(4) == null ? row.string(5) : row.string(4)));
  }
}
