package io.inbox.reconciler.internal.collector;

import io.inbox.reconciler.Collector;
import io.inbox.reconciler.CollectorReport;
import io.inbox.reconciler.JobOptions;
import io.inbox.reconciler.JobResult;
import io.inbox.reconciler.JobRun;
import io.inbox.reconciler.Schedule;
import io.inbox.reconciler.internal.database.Database;
import io.inbox.reconciler.internal.jobs.JobRows;
import io.inbox.reconciler.internal.jobs.JobRunner;
import io.inbox.reconciler.internal.schedule.ScheduleThread;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens, runs and previews passes of the collector on one database. */
public final class CollectorEngine {
  private static final Logger LOG = LoggerFactory.getLogger("io.inbox.reconciler.Collector");

  private final Database database;
  private final CollectorOptions options;
  private final Sweep sweep;

  private CollectorEngine(Database database, CollectorOptions options, Sweep sweep) {
    this.database = database;
    this.options = options;
    this.sweep = sweep;
  }

  /** Checks the rights of this role. */
  public static CollectorEngine open(Database database, CollectorOptions options) {
    if (!database.isPostgres()) {
      return new CollectorEngine(database, options, new RowIdSweep(database));
    }
    database.transaction(
        connection -> {
          HiddenRows.refuse(database, connection);
          return database;
        });
    return new CollectorEngine(
        database, options, new TidRangeSweep(database.tables(), options.lease));
  }

  public JobResult<CollectorReport> run() {
    return runner().run(run -> pass(run, () -> false));
  }

  private JobRunner runner() {
    return new JobRunner(database, new JobRows(database), Collector.JOB, jobOptions());
  }

  public ScheduleThread schedule(Schedule schedule) {
    return ScheduleThread.start(database, Collector.JOB, schedule, this::runAndLog);
  }

  private Optional<JobResult<CollectorReport>> runAndLog(long seen, BooleanSupplier stop) {
    Optional<JobResult<CollectorReport>> result = runner().runSince(seen, run -> pass(run, stop));
    if (result.orElse(null) instanceof JobResult.Done<CollectorReport> done) {
      LOG.info("The collector has {}", done.value());
      done.value().remarks().forEach(remark -> LOG.info("The collector says: {}", remark));
      done.value()
          .unregistered()
          .forEach(
              (consumer, rows) ->
                  LOG.warn(
                      "The collector keeps {} keys of consumer {}, which is not registered",
                      rows,
                      consumer));
    }
    return result;
  }

  private JobOptions jobOptions() {
    JobOptions.Builder job = JobOptions.builder().lease(options.lease);
    if (options.owner != null) {
      job.owner(options.owner);
    }
    if (options.every != null) {
      job.every(options.every);
    }
    return job.build();
  }

  private CollectorReport pass(JobRun run, BooleanSupplier stop) {
    Foreground foreground = database.isPostgres() ? new Foreground.Commits() : Foreground.unseen();
    return new Pass(database, options, sweep, foreground, run, stop).go();
  }

  public CollectorReport preview() {
    return new Preview(database, options, sweep).go();
  }
}
