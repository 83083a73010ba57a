package io.inbox.command.explain;

import io.inbox.MessageKey;
import io.inbox.command.database.Query;
import io.inbox.command.output.Block;
import io.inbox.command.output.Grid;
import io.inbox.spi.Records;
import io.inbox.spi.Tables;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What else a key has left behind: result, dead letters, kept messages, findings, repairs, holds.
 */
final class Traces {
  private final Query query;
  private final Tables tables;
  private final Unseen unseen;
  private final Key key;

  Traces(Query query, Tables tables, Unseen unseen, Key key) {
    this.query = query;
    this.tables = tables;
    this.unseen = unseen;
    this.key = key;
  }

  void show(Block block) throws SQLException {
    result(block);
    letters(block);
    kept(block);
    findings(block);
    repairs(block);
    holds(block);
  }

  // Locks: none. Index: the primary key. Whether there is one may be seen by those who may not see
  // it.
  private void result(Block block) throws SQLException {
    Optional<Instant> stored =
        unseen
            .ask(
                query,
                "result",
                () ->
                    query.first(
                        "SELECT \"created_at\" FROM "
                            + tables.quoted("result")
                            + " WHERE "
                            + Key.IS,
                        row -> Optional.ofNullable(row.time(1)).orElse(Instant.EPOCH),
                        key.parts()))
            .flatMap(found -> found);
    block.fact("resultStoredAt", "result stored", stored.orElse(null));
    Optional<Records.StoredResult> result =
        stored.isEmpty()
            ? Optional.empty()
            : unseen
                .ask(
                    query,
                    "contents of results",
                    () ->
                        query.first(
                            "SELECT \"result\", \"signature\" FROM "
                                + tables.quoted("result")
                                + " WHERE "
                                + Key.IS,
                            row ->
                                new Records.StoredResult(bytes(row.bytes(1)), bytes(row.bytes(2))),
                            key.parts()))
                .flatMap(found -> found);
    Optional<MessageKey> valid = key.valid();
    block
        .fact("resultBytes", "bytes of result", result.map(it -> it.result().length).orElse(null))
        .fact(
            "resultSignatureValid",
            "its signature is valid",
            result.flatMap(it -> valid.map(it::isOf)).orElse(null));
  }

  private static byte[] bytes(byte @Nullable [] bytes) {
    return bytes == null ? new byte[0] : bytes;
  }

  // Locks: none. Index: dead_letter_key_idx.
  private void letters(Block block) throws SQLException {
    Grid grid =
        new Grid("deadLetters", "Dead letters", "")
            .column("id", "id")
            .column("reason", "reason")
            .column("state", "state")
            .column("attempts", "tries")
            .column("deliveries", "copies")
            .column("deadLetteredAt", "given up")
            .text("error", "error")
            .hidden("resolvedAt")
            .text("resolution", "because");
    rows(
        grid,
        "dead_letter",
        "SELECT \"id\", \"reason\", \"state\", \"attempts\", \"deliveries\", \"dead_lettered_at\", \"error\", \"resolved_at\", \"resolution\" FROM "
            + tables.quoted("dead_letter")
            + " WHERE "
            + Key.IS
            + " ORDER BY \"id\"",
        row ->
            new @Nullable Object[] {
              row.number(1),
              row.string(2),
              row.string(3),
              row.number(4),
              row.number(5),
              row.time(6),
              row.text(7),
              row.time(8),
              row.text(9)
            },
        key.parts());
    block.grid(grid);
  }

  // Locks: none. Index: the primary key.
  private void kept(Block block) throws SQLException {
    Grid grid =
        new Grid("kept", "Kept, to be sent again for duplicates", "")
            .column("position", "no.")
            .text("topic", "topic")
            .text("key", "key")
            .column("messageId", "message id")
            .column("appendedAt", "appended");
    rows(
        grid,
        "outbox_kept",
        "SELECT \"position\", \"topic\", \"key\", \"message_id\", \"appended_at\" FROM "
            + tables.quoted("outbox_kept")
            + " WHERE \"tenant\" = ? AND \"consumer\" = ? AND \"source\" = ? AND \"handled_id\" = ? ORDER BY \"position\"",
        row ->
            new @Nullable Object[] {
              row.number(1), row.string(2), row.text(3), row.string(4), row.time(5)
            },
        key.parts());
    block.grid(grid);
  }

  // Locks: none. Reads the whole table, which the collector keeps small.
  private void findings(Block block) throws SQLException {
    Grid grid =
        new Grid("findings", "Findings", "")
            .column("id", "id")
            .text("check", "check")
            .column("severity", "severity")
            .text("cause", "cause")
            .column("firstSeenAt", "first seen")
            .column("lastSeenAt", "last seen")
            .column("resolvedAt", "resolved")
            .hidden("resolution");
    rows(
        grid,
        "finding",
        "SELECT \"id\", \"check_name\", \"severity\", \"cause\", \"first_seen_at\", \"last_seen_at\", \"resolved_at\", \"resolution\" FROM "
            + tables.quoted("finding")
            + " WHERE (\"tenant\" = ? OR \"tenant\" IS NULL) AND (\"consumer\" = ? OR \"consumer\" IS NULL)"
            + " AND (\"source\" = ? OR \"source\" IS NULL) AND \"item\" = ? ORDER BY \"id\"",
        row ->
            new @Nullable Object[] {
              row.number(1),
              row.string(2),
              row.string(3),
              row.string(4),
              row.time(5),
              row.time(6),
              row.time(7),
              row.text(8)
            },
        key.parts());
    block.grid(grid);
  }

  // Locks: none. Index: repair_item_idx.
  private void repairs(Block block) throws SQLException {
    Grid grid =
        new Grid("repairs", "Repairs", "")
            .column("id", "id")
            .column("action", "action")
            .column("doneAt", "at")
            .text("doneBy", "by")
            .text("reason", "because");
    rows(
        grid,
        "repair",
        "SELECT \"id\", \"action\", \"done_at\", \"done_by\", \"reason\" FROM "
            + tables.quoted("repair")
            + " WHERE (\"tenant\" = ? OR \"tenant\" IS NULL) AND (\"consumer\" = ? OR \"consumer\" IS NULL)"
            + " AND (\"source\" = ? OR \"source\" IS NULL) AND \"item\" = ? ORDER BY \"id\"",
        row ->
            new @Nullable Object[] {
              row.number(1), row.string(2), row.time(3), row.string(4), row.string(5)
            },
        key.parts());
    block.grid(grid);
  }

  // Locks: none. Reads the whole table, which has a row for each decision.
  private void holds(Block block) throws SQLException {
    Grid grid =
        new Grid("holds", "Held back from the collector", "")
            .column("id", "hold")
            .text("reason", "because")
            .text("placedBy", "by")
            .column("placedAt", "since")
            .column("until", "until");
    rows(
        grid,
        "hold",
        """
        SELECT h."id", h."reason", h."placed_by", h."placed_at", h."until" FROM %s h
        WHERE (h."tenant" = ? OR h."tenant" IS NULL) AND (h."consumer" = ? OR h."consumer" IS NULL)
          AND (h."source" = ? OR h."source" IS NULL) AND (h."message_id" = ? OR h."message_id" IS NULL)
          AND (h."until" IS NULL OR h."until" > CURRENT_TIMESTAMP)
          AND (h."subject" IS NULL OR EXISTS (
            SELECT 1 FROM %s m WHERE m."tenant" = ? AND m."consumer" = ? AND m."source" = ? AND m."message_id" = ?
              AND m."subject" = h."subject"))
        ORDER BY h."id\""""
            .formatted(tables.quoted("hold"), tables.quoted("message")),
        row ->
            new @Nullable Object[] {
              row.number(1), row.string(2), row.string(3), row.time(4), row.time(5)
            },
        key.tenant(),
        key.consumer(),
        key.source(),
        key.messageId(),
        key.tenant(),
        key.consumer(),
        key.source(),
        key.messageId());
    block.grid(grid);
  }

  private void rows(
      Grid grid,
      String table,
      String sql,
      Query.Reader<@Nullable Object[]> reader,
      Object... parameters)
      throws SQLException {
    unseen
        .ask(query, table, () -> query.list(sql, reader, parameters))
        .ifPresent(rows -> rows.forEach(grid::row));
  }
}
