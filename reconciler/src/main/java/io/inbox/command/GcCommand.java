package io.inbox.command;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.command.database.Target;
import io.inbox.command.output.Block;
import io.inbox.command.output.Grid;
import io.inbox.command.output.Metrics;
import io.inbox.command.output.Progress;
import io.inbox.reconciler.Collector;
import io.inbox.reconciler.CollectorReport;
import io.inbox.reconciler.JobResult;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Removes what may be forgotten. */
@Command(
    name = "gc",
    description = {
      "Removes keys older than their window, with what belongs to them, and what was settled long ago.",
      "Works in small batches beside a running service. One run at a time over all nodes; one that was cut short is gone on with."
    },
    sortOptions = false,
    footer = Help.EXIT_CODES)
final class GcCommand extends Help implements Callable<Integer> {
  private static final int CONNECTIONS = 3;

  private final Session session;

  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private PrometheusOption prometheus = new PrometheusOption();
  @Mixin private ProgressOption progressing = new ProgressOption();

  @Option(
      names = {"-n", "--dry-run"},
      description = "only count what would be removed; changes nothing, and reads the tables once")
  private boolean dryRun;

  @Option(
      names = "--max-time",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "stop after this time, the next run goes on; default never")
  private @Nullable Duration maxTime;

  @Option(
      names = "--max-rows",
      paramLabel = "N",
      description = "stop after so many rows, the next run goes on; default never")
  private @Nullable Long maxRows;

  @Option(
      names = "--margin",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "added to every window: longer than any transaction; default 1d")
  private @Nullable Duration margin;

  @Option(
      names = "--keep-dead-letters",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "how long dead letters are kept after they were settled; default 90d")
  private @Nullable Duration keepDeadLetters;

  @Option(
      names = "--keep-findings",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "how long findings are kept after they were resolved; default 90d")
  private @Nullable Duration keepFindings;

  @Option(
      names = "--batch-target",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "how long a batch should take, 5ms to 10s; default 100ms")
  private @Nullable Duration batchTarget;

  @Option(
      names = "--every",
      paramLabel = "TIME",
      converter = Durations.class,
      description =
          "how often this job is expected to succeed, so that its absence is noticed; default what was said last")
  private @Nullable Duration every;

  @Option(
      names = "--lease",
      paramLabel = "TIME",
      converter = Durations.class,
      description =
          "how long the job stays without a node after its run died, 2s to 1h; default 30s")
  private @Nullable Duration lease;

  GcCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Target target = database.target(session);
    prometheus.check();
    Metrics metrics =
        new Metrics(Map.of("database", target.name(), "schema", target.tables().toString()))
            .gauge("inbox_gc_up", "Whether the last run of the collector succeeded.");
    CollectorReport report;
    try (HikariDataSource pool = target.pool(CONNECTIONS)) {
      report = collect(target, pool);
    } catch (RuntimeException e) {
      if (ExitCode.of(e) == ExitCode.FAILED) {
        prometheus.write(metrics.sample("inbox_gc_up", false), e);
      }
      throw e;
    }
    output.print(session, block(report));
    if (!dryRun) {
      measure(metrics.sample("inbox_gc_up", true), report);
      prometheus.write(metrics);
    }
    return ExitCode.OK;
  }

  private CollectorReport collect(Target target, HikariDataSource pool) {
    Progress progress = progressing.progress(session);
    Collector.Builder builder = Collector.builder(target.store(), pool);
    if (maxTime != null) {
      builder.maxTime(maxTime);
    }
    if (maxRows != null) {
      builder.maxRows(maxRows);
    }
    if (margin != null) {
      builder.margin(margin);
    }
    if (keepDeadLetters != null) {
      builder.keepDeadLetters(keepDeadLetters);
    }
    if (keepFindings != null) {
      builder.keepFindings(keepFindings);
    }
    if (batchTarget != null) {
      builder.batchTarget(batchTarget);
    }
    if (every != null) {
      builder.every(every);
    }
    if (lease != null) {
      builder.lease(lease);
    }
    session.stop().bound(Duration.ofSeconds(10));
    Collector collector = builder.progress(done -> tell(progress, done)).build();
    try {
      return dryRun ? collector.preview() : done(collector.run());
    } finally {
      Thread.interrupted(); // what follows waits for nobody
      progress.clear();
    }
  }

  private void tell(Progress progress, Collector.Progress done) {
    if (session.stop().isAsked()) {
      Thread.currentThread().interrupt(); // which the collector takes for the end of its time
    }
    progress.at(done.table(), done.share(), done.removed());
  }

  private static CollectorReport done(JobResult<CollectorReport> result) {
    if (result instanceof JobResult.HeldByAnother<CollectorReport> other) {
      throw Held.by(other);
    }
    return ((JobResult.Done<CollectorReport>) result).value();
  }

  private Block block(CollectorReport report) {
    Block block =
        new Block()
            .hidden("command", "gc")
            .hidden("dryRun", report.isPreview())
            .fact("startedAt", "ages counted from", report.startedAt())
            .fact("stopped", "stopped early", report.stopped().orElse(null))
            .fact("messages", "keys", report.messages())
            .fact("buckets", "whole buckets", report.buckets().size())
            .fact("results", "stored results", report.results())
            .fact("keptCopies", "copies of the outbox", report.keptCopies())
            .fact("attempts", "counts of attempts", report.attempts())
            .fact("deadLetters", "dead letters", report.deadLetters())
            .fact("outboxDeadLetters", "dead letters of the outbox", report.outboxDeadLetters())
            .fact("findings", "findings", report.findings())
            .fact("total", dryRun ? "would be removed in all" : "removed in all", report.total())
            .fact("elapsedSeconds", "took", report.elapsed())
            .fact("pausedSeconds", "of it left to others", report.paused())
            .hidden("batches", report.batches())
            .hidden("hinderedBatches", report.hinderedBatches())
            .hidden("skippedPlaces", report.skippedPlaces());
    Grid consumers =
        new Grid("consumers", "Consumers", "none has registered")
            .text("consumer", "consumer")
            .column("horizon", "purge horizon")
            .column("messages", "keys")
            .column("attempts", "attempts")
            .column("deadLetters", "dead letters");
    report
        .consumers()
        .forEach(
            each ->
                consumers.row(
                    each.consumer(),
                    each.horizon(),
                    each.messages(),
                    each.attempts(),
                    each.deadLetters()));
    Grid unregistered =
        new Grid("unregistered", "Not registered, so their keys are kept", "")
            .text("consumer", "consumer")
            .column("keys", "keys");
    report.unregistered().forEach((consumer, keys) -> unregistered.row(consumer, keys));
    block.hidden("remarks", report.remarks()).grid(consumers).grid(unregistered);
    report.remarks().forEach(remark -> block.note("").note("Note: " + remark + "."));
    return block;
  }

  private static void measure(Metrics metrics, CollectorReport report) {
    metrics
        .gauge("inbox_gc_run_timestamp_seconds", "When the last run began.")
        .gauge("inbox_gc_elapsed_seconds", "How long the last run took.")
        .gauge("inbox_gc_complete", "Whether the last run came to its end.")
        .gauge("inbox_gc_removed_rows", "Rows that the last run removed.")
        .sample("inbox_gc_run_timestamp_seconds", report.startedAt())
        .sample("inbox_gc_elapsed_seconds", report.elapsed())
        .sample("inbox_gc_complete", report.stopped().isEmpty())
        .sample("inbox_gc_removed_rows", report.messages(), "table", "message")
        .sample("inbox_gc_removed_rows", report.results(), "table", "result")
        .sample("inbox_gc_removed_rows", report.keptCopies(), "table", "outbox_kept")
        .sample("inbox_gc_removed_rows", report.attempts(), "table", "attempt")
        .sample("inbox_gc_removed_rows", report.deadLetters(), "table", "dead_letter")
        .sample("inbox_gc_removed_rows", report.outboxDeadLetters(), "table", "outbox_dead_letter")
        .sample("inbox_gc_removed_rows", report.findings(), "table", "finding");
  }
}
