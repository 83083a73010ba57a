package io.inbox.command;

import io.inbox.command.output.Block;
import io.inbox.command.output.Grid;
import io.inbox.command.output.Metrics;
import io.inbox.reconciler.ReconcileReport;
import io.inbox.reconciler.ReconcileReport.CheckReport;
import io.inbox.reconciler.ReconcileReport.Ended;
import io.inbox.reconciler.ReconcileReport.Group;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** What a run of the reconciler did and found, as text, JSON and metrics. */
final class ReconcileReportBlock {
  private ReconcileReportBlock() {}

  static Block of(ReconcileReport report) {
    return new Block()
        .hidden("command", "reconcile")
        .hidden("clean", report.isClean())
        .hidden("complete", report.isComplete())
        .fact("startedAt", "began", report.startedAt())
        .fact("finishedAt", "ended", report.finishedAt())
        .grid(checks(report))
        .grid(groups(report))
        .grid(figures(report))
        .note("")
        .note(verdict(report));
  }

  private static Grid checks(ReconcileReport report) {
    Grid grid =
        new Grid("checks", "Checks", "")
            .text("check", "check")
            .column("ended", "ended")
            .column("new", "new")
            .column("stillOpen", "still there")
            .column("accepted", "accepted")
            .column("resolved", "gone")
            .column("open", "open")
            .text("why", "why");
    for (CheckReport check : report.checks()) {
      grid.row(
          check.check(),
          check.ended().name().toLowerCase(Locale.ROOT),
          check.fresh(),
          check.stillOpen(),
          check.accepted(),
          check.resolved(),
          check.open(),
          check.why());
    }
    return grid;
  }

  /** The new ones first, as they are what the run was for. */
  private static Grid groups(ReconcileReport report) {
    Grid grid =
        new Grid("groups", "Found, by cause", "")
            .text("check", "check")
            .column("severity", "severity")
            .column("kind", "kind")
            .text("cause", "cause")
            .column("new", "new")
            .column("stillOpen", "still there")
            .hidden("earliest")
            .hidden("latest")
            .text("samples", "findings");
    List<Named> groups = new ArrayList<>();
    for (CheckReport check : report.checks()) {
      check.groups().forEach(group -> groups.add(new Named(check.check(), group)));
    }
    groups.sort(Comparator.comparing(named -> named.group().fresh() == 0));
    for (Named named : groups) {
      Group group = named.group();
      grid.row(
          named.check(),
          group.severity(),
          group.kind(),
          group.cause(),
          group.fresh(),
          group.stillOpen(),
          group.earliest(),
          group.latest(),
          group.samples());
    }
    return grid;
  }

  private static Grid figures(ReconcileReport report) {
    Grid grid = new Grid("figures", "", "").hidden("check").hidden("figure").hidden("value");
    for (CheckReport check : report.checks()) {
      check.figures().forEach((name, value) -> grid.row(check.check(), name, value));
    }
    return grid;
  }

  private static String verdict(ReconcileReport report) {
    long open = report.checks().stream().mapToLong(CheckReport::open).sum();
    long failed = report.checks().stream().filter(check -> check.ended() == Ended.FAILED).count();
    String what =
        report.isClean()
            ? "Clean."
            : (failed > 0 ? "Checks that could not look: " + failed + ", see why above. " : "")
                + (open > 0
                    ? "Open findings: " + open + " (inbox findings list, inbox findings show ID)."
                    : "No finding is open.");
    return report.isComplete() ? what : what + " Not everything was looked at.";
  }

  static void measure(Metrics metrics, ReconcileReport report) {
    metrics
        .gauge("inbox_reconcile_run_timestamp_seconds", "When the last run began.")
        .gauge("inbox_reconcile_clean", "Whether the last run left no finding open.")
        .gauge("inbox_reconcile_complete", "Whether the last run looked at everything.")
        .gauge("inbox_reconcile_check_failed", "Whether the check could not look.")
        .gauge("inbox_reconcile_findings_new", "Findings of the last run that were new.")
        .gauge("inbox_reconcile_findings_open", "Findings that are open after the last run.")
        .sample("inbox_reconcile_run_timestamp_seconds", report.startedAt())
        .sample("inbox_reconcile_clean", report.isClean())
        .sample("inbox_reconcile_complete", report.isComplete());
    for (CheckReport check : report.checks()) {
      String[] labels = {"check", check.check()};
      metrics
          .sample("inbox_reconcile_check_failed", check.ended() == Ended.FAILED, labels)
          .sample("inbox_reconcile_findings_new", check.fresh(), labels)
          .sample("inbox_reconcile_findings_open", check.open(), labels);
    }
  }

  /** A group and the check it is of. */
  private record Named(String check, Group group) {}
}
