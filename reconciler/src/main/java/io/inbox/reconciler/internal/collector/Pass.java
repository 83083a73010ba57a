package io.inbox.reconciler.internal.collector;

import io.inbox.error.InboxException;
import io.inbox.reconciler.Collector.Progress;
import io.inbox.reconciler.CollectorReport;
import io.inbox.reconciler.JobRun;
import io.inbox.reconciler.internal.collector.Sweep.Swept;
import io.inbox.reconciler.internal.database.Database;
import io.inbox.spi.SqlError;
import java.sql.Connection;
import java.time.Duration;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One run: publishes the horizons, then goes over the tables, a batch in each transaction.
 *
 * <p>A batch fences itself before it reads anything, by the row of its job: so it commits only
 * while this node owns the job, and whoever has committed a hold and then got that row knows that
 * all later batches see the hold. Then it locks the consumers' rows, so that windows stay as they
 * are until it commits, and deletes nothing that is not older than the horizon that stands there.
 */
final class Pass {
  private static final int DROP_ROUNDS = 5;
  private static final long DROP_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long LOOK_UP_NANOS = Duration.ofMillis(100).toNanos();

  private final Database database;
  private final CollectorOptions options;
  private final Sweep sweep;
  private final Foreground foreground;
  private final JobRun run;
  private final BooleanSupplier stop;
  private final @Nullable BucketDrops buckets;
  private final Windows windows;
  private final OffsetDateTime started;
  private final Tally tally;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition never = lock.newCondition();
  private final long begin = System.nanoTime();
  private Pace pace;

  /** How long the statements of the last batch took, without what every batch takes. */
  private long removing;

  Pass(
      Database database,
      CollectorOptions options,
      Sweep sweep,
      Foreground foreground,
      JobRun run,
      BooleanSupplier stop) {
    this.database = database;
    this.options = options;
    this.sweep = sweep;
    this.foreground = foreground;
    this.run = run;
    this.stop = stop;
    this.buckets = BucketDrops.of(database);
    this.windows = new Windows(database, options.margin);
    this.started = database.transaction(database::now);
    this.tally = new Tally(false, started.toInstant());
    this.pace = new Pace(options.batchTarget, sweep.rowsPerPlace());
  }

  CollectorReport go() {
    publishHorizons();
    if (buckets != null && !dropBuckets(buckets)) {
      return end();
    }
    Optional<Checkpoint> from = run.checkpoint().flatMap(Checkpoint::parse);
    for (Target target : Target.values()) {
      if (from.isPresent() && target.compareTo(from.get().target()) < 0) {
        continue; // an earlier run has done it
      }
      if (!sweep(target, from.filter(point -> point.target() == target).orElse(null))) {
        break;
      }
    }
    return end();
  }

  private CollectorReport end() {
    tally.took(System.nanoTime() - begin);
    tally.stopped().ifPresent(run::incomplete);
    if (database.isPostgres() && tally.total() > 0) {
      database.transaction(
          connection -> {
            Upkeep.remarks(database, connection).forEach(tally::remark);
            return tally;
          });
    }
    run.note(tally.toString());
    return tally;
  }

  /** In a transaction that is committed before any row goes. */
  private void publishHorizons() {
    SortedMap<String, OffsetDateTime> published =
        database.transaction(
            connection -> {
              run.fence(connection);
              windows.publish(connection, started);
              return windows.foreseen(connection, started);
            });
    published.forEach((consumer, horizon) -> tally.horizon(consumer, horizon.toInstant()));
  }

  /**
   * Drops the buckets that are due, each in a transaction of its own; returns whether to go on. A
   * drop gives way to whoever uses the messages: they would all queue behind it.
   */
  private boolean dropBuckets(BucketDrops drops) {
    try {
      database.attempt(
          connection -> {
            drops.ahead(connection);
            return tally;
          });
    } catch (Exception e) {
      remarkUnlessLost(e, "the buckets of the days ahead could not be made");
    }
    List<LocalDate> due =
        database.transaction(connection -> drops.due(connection, due(connection)));
    for (LocalDate day : due) {
      for (int round = 1; !drop(drops, day); round++) {
        tally.hindered();
        if (round == DROP_ROUNDS) {
          tally.remark(
              "the bucket of "
                  + day
                  + " could not be dropped: in "
                  + DROP_ROUNDS
                  + " attempts there was always a transaction that had claimed before (the next run tries again)");
          return true; // whoever is in the way is in the way of the others, too
        }
        if (!pause(DROP_PAUSE_NANOS)) {
          return false;
        }
      }
      options.progress.accept(new Progress(Target.MESSAGE.table(), 0, tally.total()));
      if (isOver()) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether the bucket is gone, or not due any more; false if it was in use. */
  private boolean drop(BucketDrops drops, LocalDate day) {
    try {
      Optional<Swept> swept =
          database.attempt(
              connection -> {
                sweep.begin(connection);
                run.fence(connection);
                return drops.drop(connection, due(connection), day);
              });
      swept.ifPresent(
          it -> {
            tally.add(Target.MESSAGE, it);
            tally.dropped(day);
          });
      return true;
    } catch (Exception e) {
      SqlError error = SqlError.of(e);
      if (error == SqlError.LOCK_TIMEOUT || error == SqlError.RETRY) {
        return false;
      }
      remarkUnlessLost(e, "the bucket of " + day + " could not be dropped");
      return true;
    }
  }

  /** The rest of a run does not depend on the buckets, but on the job and the database. */
  private void remarkUnlessLost(Exception error, String what) {
    if (error instanceof InboxException || SqlError.of(error) == SqlError.UNAVAILABLE) {
      throw database.translated(error);
    }
    tally.remark(what + ": " + error.getMessage());
  }

  /** Goes over a table; returns whether to go on with the next. */
  private boolean sweep(Target target, @Nullable Checkpoint from) {
    pace = new Pace(options.batchTarget, sweep.rowsPerPlace());
    String layout = database.transaction(connection -> sweep.layout(connection, target));
    long end = database.transaction(connection -> sweep.end(connection, target));
    long at = from != null && from.layout().equals(layout) ? from.place() : 0;
    while (at < end) {
      long places = Math.min(pace.places(), end - at);
      long start = System.nanoTime();
      long pause;
      @Nullable Swept swept = batch(target, layout, at, places);
      long nanos = System.nanoTime() - start;
      if (swept != null) {
        at = swept.next();
        tally.add(target, swept);
        pause = pace.took(places, swept.sum(), removing, nanos);
      } else {
        tally.hindered();
        pause = pace.hindered(places, nanos);
        if (places == 1) {
          tally.skipped();
          at++;
        }
      }
      options.progress.accept(
          new Progress(target.table(), Math.min(1, (double) at / end), tally.total()));
      if (isOver() || (at < end && !pause(pause))) {
        return false;
      }
    }
    return true;
  }

  /** Returns what went; null if a row was locked by somebody else. */
  private @Nullable Swept batch(Target target, String layout, long at, long places) {
    try {
      return database.attempt(
          connection -> {
            sweep.begin(connection);
            run.fence(connection);
            pace.busy(foreground.isBusy(connection));
            Due due = due(connection);
            long start = System.nanoTime();
            Swept swept = sweep.remove(connection, target, due, at, places);
            removing = System.nanoTime() - start;
            run.checkpoint(connection, new Checkpoint(target, layout, swept.next()).toString());
            return swept;
          });
    } catch (Exception e) {
      SqlError error = SqlError.of(e);
      if (error == SqlError.LOCK_TIMEOUT || error == SqlError.RETRY) {
        return null;
      }
      throw database.translated(e);
    }
  }

  private Due due(Connection connection) {
    return Due.of(started, options, windows.cutoffs(connection, started));
  }

  private boolean isOver() {
    if (tally.total() >= options.maxRows) {
      tally.stop("the budget of " + options.maxRows + " rows is used up");
      return true;
    }
    if (System.nanoTime() - begin >= options.maxTime.toNanos()) {
      tally.stop("the budget of " + options.maxTime + " is used up");
      return true;
    }
    if (Thread.currentThread().isInterrupted()) {
      tally.stop("interrupted");
      return true;
    }
    if (stop.getAsBoolean()) {
      tally.stop("told to stop");
      return true;
    }
    return false;
  }

  /** Returns whether to go on: false when the thread is told to stop. */
  private boolean pause(long nanos) {
    long start = System.nanoTime();
    lock.lock();
    try {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      for (long left = nanos; left > 0 && !stop.getAsBoolean(); ) {
        long slice = Math.min(left, LOOK_UP_NANOS);
        left -= slice - never.awaitNanos(slice);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      tally.stop("interrupted");
      return false;
    } finally {
      lock.unlock();
      tally.paused(System.nanoTime() - start);
    }
  }
}
