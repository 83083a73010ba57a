package io.inbox.reconciler.internal.run;

import io.inbox.error.InboxException;
import io.inbox.error.RetryLaterException;
import io.inbox.reconciler.JobRun;
import io.inbox.reconciler.ReconcileReport;
import io.inbox.reconciler.ReconcileReport.CheckReport;
import io.inbox.reconciler.internal.database.Database;
import io.inbox.reconciler.spi.Check;
import io.inbox.spi.SqlError;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of all checks. */
public final class ReconcilerRun {
  private static final Logger LOG = LoggerFactory.getLogger("io.inbox.reconciler.Reconciler");

  private final ReconcilerOptions options;
  private final Database database;
  private final JobRun job;
  private final BooleanSupplier stop;
  private boolean interrupted;

  /**
   * Creates a run of a job that this process owns.
   *
   * @param stop whether it shall end, besides what the options say
   */
  public ReconcilerRun(ReconcilerOptions options, JobRun job, BooleanSupplier stop) {
    this.options = options;
    this.database = options.database();
    this.job = job;
    this.stop = stop;
  }

  public ReconcileReport run() {
    Checkpoints checkpoints = new Checkpoints(job);
    Deadline deadline =
        Deadline.in(options.time, () -> options.stop.getAsBoolean() || stop.getAsBoolean());
    Instant startedAt = now();
    List<CheckReport> reports = new ArrayList<>();
    for (Check check : options.chosen()) {
      reports.add(run(check, checkpoints, deadline));
    }
    if (interrupted) {
      Thread.currentThread().interrupt(); // not before: databases do not like to be asked then
    }
    ReconcileReport report = new ReconcileReport(startedAt, now(), reports);
    if (!options.only.isEmpty()) {
      job.incomplete("only " + String.join(", ", options.only) + " had been asked for");
    } else if (!report.isComplete()) {
      job.incomplete(
          reports.stream()
              .filter(it -> it.ended() != ReconcileReport.Ended.COMPLETE)
              .map(it -> it.check() + ": " + it.why())
              .collect(Collectors.joining("; ")));
    }
    job.note(reports.stream().mapToLong(CheckReport::open).sum() + " open findings");
    return report;
  }

  private Instant now() {
    return database.transaction(connection -> database.now(connection).toInstant());
  }

  private CheckReport run(Check check, Checkpoints checkpoints, Deadline deadline) {
    OneCheckRun run = new OneCheckRun(options, job, check.name(), checkpoints, deadline, now());
    @Nullable String failure = null;
    try {
      check.run(run);
    } catch (TooManyFindings e) {
      run.stopped(e.why());
    } catch (InterruptedException e) {
      deadline.interrupt();
      interrupted = true;
      run.stopped("the run was interrupted");
    } catch (Exception e) {
      refuseLostDatabase(e);
      LOG.warn("Check {} failed", check.name(), e);
      failure = line(e);
    }
    CheckReport report = run.report(failure);
    LOG.info(
        "Check {}: {}, {} new, {} still open, {} resolved{}",
        report.check(),
        report.ended(),
        report.fresh(),
        report.stillOpen(),
        report.resolved(),
        report.why() == null ? "" : ": " + report.why());
    return report;
  }

  /** Without database or job no other check can look, and what was found cannot be kept. */
  private void refuseLostDatabase(Exception error) {
    if (error instanceof RetryLaterException lost) {
      throw lost;
    }
    if (SqlError.of(error) == SqlError.UNAVAILABLE) {
      throw database.translated(error);
    }
  }

  private static String line(Exception error) {
    String message = error.getMessage();
    String text =
        error instanceof InboxException || message == null
            ? String.valueOf(message)
            : error.getClass().getSimpleName() + ": " + message;
    return text.strip().replaceAll("\\s+", " ");
  }
}
