package io.inbox.command;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.command.database.Target;
import io.inbox.command.output.Metrics;
import io.inbox.command.output.Progress;
import io.inbox.reconciler.JobOptions;
import io.inbox.reconciler.JobResult;
import io.inbox.reconciler.ReconcileReport;
import io.inbox.reconciler.Reconciler;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs checks, and says what is new. */
@Command(
    name = "reconcile",
    description = {
      "Compares what was handled with its effects, and looks for what is stuck; says what is new and keeps it as findings.",
      "Changes nothing else. One run at a time over all nodes. Ends with 1 if a finding is open or a check could not look."
    },
    sortOptions = false,
    footer = Help.EXIT_CODES)
final class ReconcileCommand extends Help implements Callable<Integer> {
  private static final int CONNECTIONS = 5;

  private final Session session;

  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private PrometheusOption prometheus = new PrometheusOption();
  @Mixin private ProgressOption progressing = new ProgressOption();
  @Mixin private CheckOptions which = new CheckOptions();

  @Option(
      names = "--job",
      paramLabel = "NAME",
      description = "name of the job: runs with other checks need another one; default reconcile")
  private @Nullable String job;

  @Option(
      names = "--settle",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "how old something must be before it counts; default 1m")
  private @Nullable Duration settle;

  @Option(
      names = "--max-time",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "stop after this time, the next run goes on; default never")
  private @Nullable Duration maxTime;

  @Option(
      names = "--max-rows",
      paramLabel = "N",
      description =
          "how many rows of each side a check compares, the next run goes on; default all")
  private @Nullable Long maxRows;

  @Option(
      names = "--max-findings",
      paramLabel = "N",
      description =
          "how many findings of one check end it: so many are one mistake; default 10,000")
  private @Nullable Integer maxFindings;

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
          "how long the job stays without a node after its run died, 1s to 1h; default 30s")
  private @Nullable Duration lease;

  ReconcileCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Target target = database.target(session);
    prometheus.check();
    Metrics metrics =
        new Metrics(Map.of("database", target.name(), "schema", target.tables().toString()))
            .gauge("inbox_reconcile_up", "Whether the last run of the reconciler succeeded.");
    ReconcileReport report;
    try (Plugins plugins = which.plugins()) {
      Thread.currentThread().setContextClassLoader(plugins.loader());
      report = reconcile(target, plugins);
    } catch (RuntimeException e) {
      if (ExitCode.of(e) == ExitCode.FAILED) {
        prometheus.write(metrics.sample("inbox_reconcile_up", false), e);
      }
      throw e;
    }
    output.print(session, ReconcileReportBlock.of(report));
    ReconcileReportBlock.measure(metrics.sample("inbox_reconcile_up", true), report);
    prometheus.write(metrics);
    return report.isClean() ? ExitCode.OK : ExitCode.FINDINGS;
  }

  private ReconcileReport reconcile(Target target, Plugins plugins) {
    Progress progress = progressing.progress(session);
    session.stop().bound(Duration.ofSeconds(10));
    try (CheckOptions.Chosen chosen = which.chosen(plugins, session);
        HikariDataSource pool = target.pool(CONNECTIONS)) {
      Reconciler.Builder builder =
          chosen
              .addTo(Reconciler.builder(target.store(), pool))
              .progress(done -> progress.at(done.check(), done.share(), done.rows()))
              .stopWhen(session.stop()::isAsked);
      set(builder, chosen);
      return done(builder.build().run());
    } finally {
      progress.clear();
    }
  }

  /** What the command line says goes before what the file says. */
  private void set(Reconciler.Builder builder, CheckOptions.Chosen chosen) {
    if (job != null) {
      builder.job(job);
    }
    if (settle != null) {
      builder.settle(settle);
    }
    if (maxTime != null) {
      builder.maxTime(maxTime);
    }
    if (maxRows != null) {
      builder.maxRows(maxRows);
    }
    if (maxFindings != null) {
      builder.maxFindings(maxFindings);
    }
    if (every != null || lease != null) {
      builder.jobOptions(jobOptions(chosen.jobOptions()));
    }
  }

  private JobOptions jobOptions(JobOptions file) {
    JobOptions.Builder options = JobOptions.builder().lease(lease != null ? lease : file.lease());
    if (every != null) {
      options.every(every);
    } else {
      file.every().ifPresent(options::every);
    }
    return options.build();
  }

  private static ReconcileReport done(JobResult<ReconcileReport> result) {
    if (result instanceof JobResult.HeldByAnother<ReconcileReport> other) {
      throw Held.by(other);
    }
    return ((JobResult.Done<ReconcileReport>) result).value();
  }
}
