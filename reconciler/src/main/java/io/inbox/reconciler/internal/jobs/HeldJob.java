package io.inbox.reconciler.internal.jobs;

import io.inbox.error.RetryLaterException;
import io.inbox.reconciler.JobOptions;
import io.inbox.reconciler.JobRun;
import io.inbox.reconciler.JobStatus;
import io.inbox.reconciler.internal.database.Database;
import java.sql.Connection;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A job that this process owns, with the thread that renews its lease.
 *
 * <p>The lease ends for this process a little before it ends for the others, counted from before
 * the statement that renewed it: so only the pace of the two clocks matters, not what they show.
 */
final class HeldJob implements JobRun {
  private static final Logger LOG = LoggerFactory.getLogger("io.inbox.reconciler.Jobs");
  private static final int LONGEST_DETAIL = 2_000;
  private static final long JOIN_MILLIS = 10_000;

  private final Database database;
  private final JobRows rows;
  private final String job;
  private final JobOptions options;
  private final long epoch;
  private final @Nullable String startedFrom;
  private final Thread heartbeat;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long until;
  private boolean taken;
  private boolean ended;
  private @Nullable String note;
  private @Nullable String incomplete;

  private HeldJob(
      Database database, JobRows rows, String job, JobOptions options, JobRows.Taken taken) {
    this.database = database;
    this.rows = rows;
    this.job = job;
    this.options = options;
    this.epoch = taken.epoch();
    this.startedFrom = taken.checkpoint();
    this.until = untilFrom(System.nanoTime());
    this.heartbeat = new Thread(this::beat, "inbox-job-" + job);
    heartbeat.setDaemon(true);
  }

  static HeldJob start(
      Database database, JobRows rows, String job, JobOptions options, JobRows.Taken taken) {
    HeldJob held = new HeldJob(database, rows, job, options, taken);
    held.heartbeat.start();
    return held;
  }

  private long untilFrom(long start) {
    long lease = options.lease().toNanos();
    return start + lease - lease / 10;
  }

  private void beat() {
    long third = options.lease().toNanos() / 3;
    long wait = third;
    while (await(wait)) {
      long start = System.nanoTime();
      try {
        boolean ours =
            database.attempt(
                connection -> {
                  if (database.isPostgres()) {
                    // The work may be fencing a transaction, which renews the lease as well.
                    database.on(connection).execute("SET LOCAL lock_timeout = '2s'");
                  }
                  return rows.renew(connection, job, epoch, options.lease());
                });
        renewed(ours, start);
        wait = third;
        if (!ours) {
          LOG.warn("Job {} was taken over: {} stood still for longer than its lease", job, owner());
          return;
        }
      } catch (Exception e) {
        LOG.debug("The lease of job {} could not be renewed; tried again", job, e);
        wait = Math.min(third, TimeUnit.SECONDS.toNanos(1));
      }
    }
  }

  private void renewed(boolean ours, long start) {
    lock.lock();
    try {
      taken |= !ours;
      until = ours ? untilFrom(start) : until;
    } finally {
      lock.unlock();
    }
  }

  /** Waits; returns whether the job is still running. */
  private boolean await(long nanos) {
    lock.lock();
    try {
      long left = nanos;
      while (left > 0 && !ended) {
        left = changed.awaitNanos(left);
      }
      return !ended;
    } catch (InterruptedException e) {
      return false; // only this class ends the thread; without it the lease runs out
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String job() {
    return job;
  }

  @Override
  public String owner() {
    return options.owner();
  }

  @Override
  public long epoch() {
    return epoch;
  }

  @Override
  public Optional<String> checkpoint() {
    return Optional.ofNullable(startedFrom);
  }

  @Override
  public void fence(Connection connection) {
    require(rows.renew(connection, job, epoch, options.lease()));
  }

  @Override
  public void checkpoint(Connection connection, String checkpoint) {
    require(rows.checkpoint(connection, job, epoch, options.lease(), checkpoint));
  }

  @Override
  public void checkpoint(String checkpoint) {
    database.transaction(
        connection -> {
          checkpoint(connection, checkpoint);
          return checkpoint;
        });
  }

  private void require(boolean ours) {
    if (!ours) {
      renewed(false, 0);
      throw lost();
    }
  }

  private RetryLaterException lost() {
    return new RetryLaterException(
        "IBX-710",
        "job "
            + job
            + " was taken over by another run: "
            + owner()
            + " stood still, or was cut off from the database, for longer than its lease of "
            + options.lease()
            + "; what it had not committed is rolled back (nothing to do, the other run goes on; if it happens often, lengthen the lease)");
  }

  @Override
  public void incomplete(String why) {
    lock.lock();
    try {
      incomplete = why;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void note(String sentence) {
    lock.lock();
    try {
      note = sentence;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isLost() {
    lock.lock();
    try {
      return taken || System.nanoTime() - until > 0;
    } finally {
      lock.unlock();
    }
  }

  /** Gives the job back after the work has returned. */
  void end() {
    boolean complete;
    lock.lock();
    try {
      complete = incomplete == null;
    } finally {
      lock.unlock();
    }
    end(complete ? JobStatus.Outcome.SUCCEEDED : JobStatus.Outcome.INCOMPLETE, null);
  }

  /** Gives the job back; throws only if the work has returned and the job was lost. */
  void end(JobStatus.Outcome outcome, @Nullable Throwable failure) {
    stopHeartbeat();
    boolean ours;
    try {
      ours =
          database.transaction(
              connection -> rows.finish(connection, job, epoch, outcome, detail(failure)));
    } catch (RuntimeException e) {
      LOG.warn(
          "The end of job {} ({}) could not be recorded; it is free again when its lease is over",
          job,
          outcome,
          e);
      return;
    }
    if (!ours && failure == null) {
      throw lost();
    }
  }

  private void stopHeartbeat() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    boolean interrupted = Thread.interrupted(); // the end is recorded all the same
    try {
      heartbeat.join(JOIN_MILLIS); // it may be asking the database
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private @Nullable String detail(@Nullable Throwable failure) {
    lock.lock();
    try {
      String text = note == null ? "" : note;
      if (incomplete != null) {
        text = text.isEmpty() ? incomplete : incomplete + "; " + text;
      }
      if (failure != null) {
        text = failure + (text.isEmpty() ? "" : "; " + text);
      }
      text = text.replaceAll("\\p{Cntrl}+", " ");
      text = text.substring(0, Math.min(text.length(), LONGEST_DETAIL));
      return text.isEmpty() ? null : text;
    } finally {
      lock.unlock();
    }
  }
}
