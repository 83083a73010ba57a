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

/** The jobs: who runs them, and when they succeeded last. */
final class JobsArea implements Area {
  private final View view;
  private final List<Job> jobs;

  private JobsArea(View view, List<Job> jobs) {
    this.view = view;
    this.jobs = jobs;
  }

  // Locks: none. Reads the whole table, which has a row for each job.
  static Area read(View view) throws SQLException {
    return new JobsArea(
        view,
        view.query()
            .list(
                """
                SELECT "job", "owner", "lease_until", "every_seconds", "registered_at", "started_at", "succeeded_at", "outcome"
                FROM %s ORDER BY "job\""""
                    .formatted(view.tables().quoted("job")),
                row ->
                    new Job(
                        row.string(1),
                        row.string(2),
                        row.time(3),
                        row.nullable(4),
                        List.of(time(row.time(5)), time(row.time(6)), time(row.time(7))),
                        row.text(8))));
  }

  /** A list has no nulls. */
  private static Instant time(@Nullable Instant time) {
    return time == null ? Instant.MIN : time;
  }

  private static @Nullable Instant known(Instant time) {
    return time.equals(Instant.MIN) ? null : time;
  }

  private boolean running(Job job) {
    return !job.owner().isEmpty()
        && job.leaseUntil() != null
        && job.leaseUntil().isAfter(view.now());
  }

  private boolean overdue(Job job) {
    if (job.everySeconds() == null) {
      return false;
    }
    Instant last = known(job.succeeded()) == null ? job.registered() : job.succeeded();
    return last.plusSeconds(job.everySeconds()).isBefore(view.now());
  }

  @Override
  public void show(Block block) {
    Grid grid =
        new Grid("jobs", "Jobs", "none has run yet")
            .text("job", "job")
            .column("running", "running")
            .text("owner", "by")
            .column("startedAt", "started")
            .column("succeededAt", "last success")
            .hidden("successAgeSeconds")
            .column("everySeconds", "expected every")
            .column("overdue", "overdue")
            .hidden("outcome");
    for (Job job : jobs) {
      grid.row(
          job.name(),
          running(job),
          running(job) ? job.owner() : null,
          known(job.started()),
          known(job.succeeded()),
          view.since(known(job.succeeded())),
          job.everySeconds() == null ? null : Duration.ofSeconds(job.everySeconds()),
          overdue(job),
          job.outcome());
    }
    block.grid(grid);
  }

  @Override
  public void measure(Metrics metrics) {
    metrics
        .gauge("inbox_job_running", "Whether the job runs now.")
        .gauge("inbox_job_success_timestamp_seconds", "When the job succeeded last.")
        .gauge("inbox_job_overdue", "Whether the last success is too long ago.");
    for (Job job : jobs) {
      String[] labels = {"job_name", job.name()};
      metrics
          .sample("inbox_job_running", running(job), labels)
          .sample("inbox_job_success_timestamp_seconds", known(job.succeeded()), labels)
          .sample("inbox_job_overdue", overdue(job), labels);
    }
  }

  @Override
  public void attend(Attention attention) {
    for (Job job : jobs) {
      if (overdue(job)) {
        Instant last = job.succeeded();
        attention.add(
            "jobs",
            "job "
                + job.name()
                + (known(last) == null
                    ? " has never succeeded"
                    : " succeeded last " + Words.of(view.since(last)) + " ago"),
            "inbox " + job.name());
      }
    }
  }

  /** A job; its times are those of registration, start and success. */
  private record Job(
      String name,
      String owner,
      @Nullable Instant leaseUntil,
      @Nullable Long everySeconds,
      List<Instant> times,
      @Nullable String outcome) {
    Instant registered() {
      return times.get(0);
    }

    Instant started() {
      return times.get(1);
    }

    Instant succeeded() {
      return times.get(2);
    }
  }
}
