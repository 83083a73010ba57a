package io.inbox.command.letters;

import io.inbox.DeadLetter;
import io.inbox.command.database.Query;
import io.inbox.command.database.Query.Row;
import io.inbox.command.deed.Item;
import io.inbox.command.output.Block;
import io.inbox.command.output.Grid;
import io.inbox.spi.Records;
import io.inbox.spi.Store;
import io.inbox.spi.Tables;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The dead letters of the inbox, of every consumer and tenant that this login may see. */
public final class InboxLetters implements Letters {
  private static final String COLUMNS =
      "SELECT \"id\", \"consumer\", \"tenant\", \"source\", \"message_id\", \"reason\", \"state\", \"attempts\","
          + " \"deliveries\", \"dead_lettered_at\", \"last_delivered_at\", \"error\", \"subject\", \"correlation_id\","
          + " \"message_time\", \"resolved_at\", \"resolution\" FROM ";

  private final String table;
  private final Supplier<Store> store;

  /**
   * Works on the letters of these tables.
   *
   * @param store reads payloads; made only when one is asked for
   */
  public InboxLetters(Tables tables, Supplier<Store> store) {
    this.table = tables.quoted("dead_letter");
    this.store = store;
  }

  // Locks: none. Index: dead_letter_state_idx where consumer and state are named, else the primary
  // key.
  @Override
  public Page list(Query query, Selection selection, int limit) throws SQLException {
    Grid grid =
        new Grid("letters", "Dead letters", "none")
            .column("id", "id")
            .text("consumer", "consumer")
            .hidden("tenant")
            .hidden("source")
            .hidden("messageId")
            .text("key", "key")
            .column("reason", "reason")
            .hidden("state")
            .column("attempts", "tries")
            .hidden("deliveries")
            .column("deadLetteredAt", "given up")
            .hidden("lastDeliveredAt")
            .text("error", "error")
            .hidden("subject")
            .hidden("correlationId")
            .hidden("messageTime")
            .hidden("resolvedAt")
            .hidden("resolution");
    Selection.Where where = selection.where("consumer");
    List<@Nullable Object[]> rows =
        query.list(
            COLUMNS + table + where.sql() + " ORDER BY \"id\" FETCH FIRST " + limit + " ROWS ONLY",
            InboxLetters::cells,
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
      row.text(5),
      key(row),
      row.string(6),
      row.string(7),
      row.number(8),
      row.number(9),
      row.time(10),
      row.time(11),
      row.text(12),
      row.text(13),
      row.text(14),
      row.time(15),
      row.time(16),
      row.text(17)
    };
  }

  /** Returns what stands behind the consumer in the key. */
  private static String key(Row row) throws SQLException {
    String tenant = row.string(3);
    String source = row.string(4);
    @Nullable String id = row.text(5);
    return (tenant.isEmpty() ? "" : tenant + "/")
        + (source.isEmpty() ? "" : source + "/")
        + (id == null ? "(no usable id)" : id);
  }

  // Locks: none. Index: the primary key.
  @Override
  public Optional<Shown> show(Query query, long id) throws SQLException {
    Optional<Item> found = find(query, id);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Item letter = found.get();
    // Headers and payload are not everybody's to read.
    Optional<DeadLetter> whole =
        query
            .ifVisible(
                () -> {
                  Records records = store.get().records();
                  return records.deadLetter(
                      query.connection(), letter.tenant(), letter.owner(), id, false);
                })
            .flatMap(content -> content);
    Block block =
        query
            .first(COLUMNS + table + " WHERE \"id\" = ?", InboxLetters::facts, id)
            .orElseGet(Block::new);
    Optional<byte[]> payload = whole.flatMap(DeadLetter::payload);
    block
        .fact("contentVisible", "headers and payload may be seen", whole.isPresent())
        .fact("payloadBytes", "bytes of payload", payload.map(bytes -> bytes.length).orElse(null))
        .grid(headers(whole.map(DeadLetter::headers).orElse(Map.of())));
    return Optional.of(new Shown(block, payload));
  }

  private static Block facts(Row row) throws SQLException {
    return new Block()
        .fact("id", "dead letter", row.number(1))
        .fact("consumer", "consumer", row.string(2))
        .fact("tenant", "tenant", row.string(3).isEmpty() ? null : row.string(3))
        .fact("source", "source", row.text(4))
        .fact("messageId", "message id", row.text(5))
        .fact("reason", "reason", row.string(6))
        .fact("state", "state", row.string(7))
        .fact("attempts", "attempts", row.number(8))
        .fact("deliveries", "deliveries of this copy", row.number(9))
        .fact("deadLetteredAt", "given up", row.time(10))
        .fact("lastDeliveredAt", "delivered last", row.time(11))
        .fact("error", "error", row.text(12))
        .fact("subject", "subject", row.text(13))
        .fact("correlationId", "correlation id", row.text(14))
        .fact("messageTime", "message time", row.time(15))
        .fact("resolvedAt", "ended", row.time(16))
        .fact("resolution", "because", row.text(17));
  }

  static Grid headers(Map<String, String> headers) {
    Grid grid = new Grid("headers", "Headers", "").text("name", "name").text("value", "value");
    headers.forEach((name, value) -> grid.row(name, value));
    return grid;
  }

  @Override
  public List<Item> find(Query query, Selection selection, int limit) throws SQLException {
    Selection.Where where = selection.where("consumer");
    return query.list(
        COLUMNS + table + where.sql() + " ORDER BY \"id\" FETCH FIRST " + limit + " ROWS ONLY",
        InboxLetters::letter,
        where.parameters().toArray());
  }

  @Override
  public Optional<Item> find(Query query, long id) throws SQLException {
    return query.first(COLUMNS + table + " WHERE \"id\" = ?", InboxLetters::letter, id);
  }

  private static Item letter(Row row) throws SQLException {
    return new Item(
        row.number(1),
        row.string(3),
        row.string(2),
        row.string(7).equals(DeadLetter.State.OPEN.name()),
        row.string(6) + " " + key(row));
  }
}
