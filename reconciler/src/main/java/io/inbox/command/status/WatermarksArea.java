package io.inbox.command.status;

import io.inbox.command.output.Block;
import io.inbox.command.output.Grid;
import io.inbox.command.output.Metrics;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The watermarks: where each partition of an ordered stream stands, and since when. */
final class WatermarksArea implements Area {
  private static final int MOST = 1_000;

  private final View view;
  private final List<Mark> marks;

  private WatermarksArea(View view, List<Mark> marks) {
    this.view = view;
    this.marks = marks;
  }

  // Locks: none. Index: the primary key, for the order; a row for each partition.
  static Area read(View view) throws SQLException {
    return new WatermarksArea(
        view,
        view.query()
            .list(
                """
                SELECT "tenant", "consumer", "stream", "partition", "position", "epoch", "taken_at", "moved_at"
                FROM %s ORDER BY "tenant", "consumer", "stream", "partition" FETCH FIRST %d ROWS ONLY"""
                    .formatted(view.tables().quoted("watermark"), MOST),
                row ->
                    new Mark(
                        List.of(row.string(1), row.string(2), row.string(3)),
                        row.number(4),
                        List.of(row.number(5), row.number(6)),
                        row.time(7),
                        row.time(8))));
  }

  @Override
  public void show(Block block) {
    Grid grid =
        new Grid("watermarks", "Watermarks", "no partition has been taken over yet")
            .text("tenant", "tenant")
            .text("consumer", "consumer")
            .text("stream", "stream")
            .column("partition", "partition")
            .column("position", "position")
            .column("epoch", "epoch")
            .column("takenAt", "taken over")
            .column("movedAt", "moved")
            .hidden("movedAgeSeconds");
    for (Mark mark : marks) {
      grid.row(
          mark.names().get(0),
          mark.names().get(1),
          mark.names().get(2),
          mark.partition(),
          mark.position() < 0 ? null : mark.position(),
          mark.epoch(),
          mark.takenAt(),
          mark.movedAt(),
          view.since(mark.movedAt()));
    }
    block.grid(grid);
  }

  @Override
  public void measure(Metrics metrics) {
    metrics
        .gauge("inbox_watermark_position", "The highest position handled, -1 before the first.")
        .gauge("inbox_watermark_epoch", "How often the partition was taken over.");
    for (Mark mark : marks) {
      String[] labels = {
        "consumer", mark.names().get(1),
        "tenant", mark.names().get(0),
        "stream", mark.names().get(2),
        "partition", Long.toString(mark.partition())
      };
      metrics
          .sample("inbox_watermark_position", mark.position(), labels)
          .sample("inbox_watermark_epoch", mark.epoch(), labels);
    }
  }

  @Override
  public void attend(Attention attention) {
    // A watermark that stands still may have nothing to handle: only the source knows.
  }

  /** A watermark; its names are tenant, consumer and stream, its numbers position and epoch. */
  private record Mark(
      List<String> names,
      long partition,
      List<Long> numbers,
      @Nullable Instant takenAt,
      @Nullable Instant movedAt) {
    long position() {
      return numbers.get(0);
    }

    long epoch() {
      return numbers.get(1);
    }
  }
}
