package io.inbox.command.status;

import io.inbox.command.output.Block;
import io.inbox.command.output.Grid;
import io.inbox.command.output.Metrics;
import java.sql.SQLException;
import java.util.List;

/** The room that the tables take. */
final class StorageArea implements Area {
  private static final List<String> TABLES =
      List.of(
          "message",
          "result",
          "attempt",
          "dead_letter",
          "outbox",
          "outbox_delayed",
          "outbox_parked",
          "outbox_dead_letter",
          "outbox_kept",
          "finding",
          "repair");

  private final List<RowCounts.Room> rooms;

  private StorageArea(List<RowCounts.Room> rooms) {
    this.rooms = rooms;
  }

  static Area read(View view) throws SQLException {
    return new StorageArea(view.counts().rooms(TABLES));
  }

  @Override
  public void show(Block block) {
    Grid grid =
        new Grid("tables", "Tables", "")
            .text("table", "table")
            .column("rows", "rows")
            .column("bytes", "bytes")
            .column("deadRows", "dead rows");
    rooms.forEach(room -> grid.row(room.table(), room.rows(), room.bytes(), room.dead()));
    block.grid(grid);
  }

  @Override
  public void measure(Metrics metrics) {
    metrics
        .gauge("inbox_table_rows", "Rows of a table, as the database estimates them.")
        .gauge("inbox_table_bytes", "Room that a table and its indexes take.")
        .gauge("inbox_table_dead_rows", "Deleted rows that still take room.");
    for (RowCounts.Room room : rooms) {
      String[] labels = {"table", room.table()};
      metrics
          .sample("inbox_table_rows", room.rows(), labels)
          .sample("inbox_table_bytes", room.bytes(), labels)
          .sample("inbox_table_dead_rows", room.dead(), labels);
    }
  }

  @Override
  public void attend(Attention attention) {
    // Whether the collector keeps up is for the reconciler's checks.
  }
}
