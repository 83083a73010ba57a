package io.inbox.reconciler.internal.schedule;

import io.inbox.reconciler.JobResult;
import io.inbox.reconciler.JobStatus;
import io.inbox.reconciler.Schedule;
import io.inbox.reconciler.internal.database.Database;
import io.inbox.reconciler.internal.jobs.JobRow;
import io.inbox.reconciler.internal.jobs.JobRows;
import io.inbox.reconciler.internal.jobs.JobRunner;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits until a job is due and runs it.
 *
 * <p>Due is what the job's row says: its last run, by whichever node, began before the last time of
 * the schedule. It is run only under the epoch that the row had then, so of several nodes that see
 * the same one runs it. So nodes need not agree on anything but the row, a node that starts does
 * not run what another has just run, and of many missed times one is made up for.
 */
public final class ScheduleThread {
  private static final Logger LOG = LoggerFactory.getLogger("io.inbox.reconciler.Schedule");

  /** Clocks are set, and rows are changed by people: the row is looked at again after that long. */
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

  private static final Duration SHORTEST_WAIT = Duration.ofSeconds(1);
  private static final Duration WHILE_IT_RUNS = Duration.ofSeconds(5);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(30);
  private static final long CLOSE_WAIT_MILLIS = 30_000;

  private final Database database;
  private final JobRows rows;
  private final String job;
  private final Schedule schedule;
  private final DueRun run;
  private final Duration afterFailure;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean closed;

  private ScheduleThread(
      Database database, String job, Schedule schedule, Duration longestGap, DueRun run) {
    this.database = database;
    this.rows = new JobRows(database);
    this.job = job;
    this.schedule = schedule;
    this.run = run;
    this.afterFailure = AFTER_FAILURE.compareTo(longestGap) < 0 ? AFTER_FAILURE : longestGap;
    this.thread = new Thread(this::work, "inbox-schedule-" + job);
    thread.setDaemon(true);
  }

  /** Runs the job once. */
  @FunctionalInterface
  public interface DueRun {
    /**
     * Runs it unless another has taken it since.
     *
     * @param seen its epoch when it was seen to be due
     * @param stop whether the run shall end
     * @return empty if another has
     */
    Optional<? extends JobResult<?>> since(long seen, BooleanSupplier stop);
  }

  /**
   * Names the job, says how often it is expected to succeed, and starts the thread. Takes one
   * connection and blocks.
   *
   * @param run runs the job once
   */
  public static ScheduleThread start(Database database, String job, Schedule schedule, DueRun run) {
    JobRunner.name(job);
    Instant now = database.transaction(database::now).toInstant();
    Duration longestGap = schedule.longestGap(now);
    ScheduleThread started = new ScheduleThread(database, job, schedule, longestGap, run);
    // Runs do not all take equally long, so successes do not follow each other exactly.
    started.rows.register(job, longestGap.plus(longestGap.dividedBy(10)));
    started.thread.start();
    return started;
  }

  private void work() {
    Duration wait = Duration.ZERO;
    while (await(wait)) {
      try {
        Optional<JobRow> row = database.transaction(connection -> rows.find(connection, job));
        if (row.isEmpty()) { // somebody has deleted it
          rows.register(job, null);
          wait = SHORTEST_WAIT;
        } else {
          wait = untilDue(row.get());
          if (wait.isZero()) {
            // Another node that saw the same may have run it meanwhile: then it is not due any
            // more.
            Optional<? extends JobResult<?>> result = run.since(row.get().epoch(), this::isClosed);
            LOG.debug("Job {} on schedule {}: {}", job, schedule, result);
            wait = SHORTEST_WAIT;
          }
        }
      } catch (RuntimeException e) {
        if (isClosed()) {
          LOG.debug("Job {} failed while it was told to stop", job, e);
        } else {
          LOG.warn(
              "Job {} on schedule {} failed; the next run comes at its time", job, schedule, e);
        }
        wait = afterFailure;
      }
    }
  }

  /** Returns how long to wait before the row is looked at again; zero if the job is due. */
  private Duration untilDue(JobStatus status) {
    Instant last = status.startedAt().orElse(status.registeredAt());
    Instant next = schedule.after(last).orElse(Instant.MAX);
    if (!next.isAfter(status.readAt())) {
      return status.owner().isPresent() ? WHILE_IT_RUNS : Duration.ZERO;
    }
    Duration left =
        next.equals(Instant.MAX) ? LONGEST_WAIT : Duration.between(status.readAt(), next);
    return left.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : left;
  }

  /** Waits; returns false once it is closed. */
  private boolean await(Duration atMost) {
    lock.lock();
    try {
      long left = atMost.toNanos();
      while (left > 0 && !closed) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      LOG.debug("{} was interrupted", thread.getName(), e); // only close() ends it
    } finally {
      lock.unlock();
    }
    return !isClosed();
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Tells a run to stop and waits for its end, at most 30 s. Does not interrupt it: H2 would close
   * the file of the database for everybody.
   */
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      thread.join(CLOSE_WAIT_MILLIS);
      if (thread.isAlive()) {
        LOG.warn("{} does not end in time; its run goes on until it notices", thread.getName());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
