package io.inbox.command.status;

import io.inbox.command.output.Block;
import io.inbox.command.output.Grid;
import io.inbox.command.output.Metrics;
import io.inbox.command.output.Words;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The open findings of the reconciler, by check and severity. */
final class FindingsArea implements Area {
  private final List<Findings> findings;

  private FindingsArea(List<Findings> findings) {
    this.findings = findings;
  }

  // Locks: none. Index: finding_check_idx, else the whole table.
  static Area read(View view) throws SQLException {
    return new FindingsArea(
        view.query()
            .list(
                """
                SELECT "check_name", "severity", COUNT(*), MIN("first_seen_at"), MAX("last_seen_at")
                FROM %s WHERE "resolved_at" IS NULL
                GROUP BY "check_name", "severity" ORDER BY "check_name", "severity\""""
                    .formatted(view.tables().quoted("finding")),
                row ->
                    new Findings(
                        row.string(1),
                        row.string(2),
                        row.number(3),
                        view.since(row.time(4)),
                        row.time(5))));
  }

  @Override
  public void show(Block block) {
    Grid grid =
        new Grid("findings", "Open findings", "none")
            .text("check", "check")
            .column("severity", "severity")
            .column("open", "open")
            .column("oldestSeconds", "oldest")
            .column("lastSeenAt", "last seen");
    findings.forEach(
        each -> grid.row(each.check(), each.severity(), each.open(), each.oldest(), each.last()));
    block.grid(grid);
  }

  @Override
  public void measure(Metrics metrics) {
    metrics.gauge("inbox_findings_open", "Findings of the reconciler that are not resolved.");
    findings.forEach(
        each ->
            metrics.sample(
                "inbox_findings_open",
                each.open(),
                "check",
                each.check(),
                "severity",
                each.severity()));
  }

  @Override
  public void attend(Attention attention) {
    long open = findings.stream().mapToLong(Findings::open).sum();
    if (open > 0) {
      attention.add("findings", Words.count(open, "open finding"), "inbox findings list");
    }
  }

  /** The findings of one check of one severity. */
  private record Findings(
      String check,
      String severity,
      long open,
      @Nullable Duration oldest,
      @Nullable Instant last) {}
}
