package io.inbox.reconciler.internal.collector;

import io.inbox.reconciler.Collector.Progress;
import io.inbox.reconciler.CollectorReport;
import io.inbox.reconciler.internal.collector.Sweep.Swept;
import io.inbox.reconciler.internal.database.Database;
import java.sql.Connection;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Goes over the tables as a run would and counts. */
final class Preview {
  private final Database database;
  private final CollectorOptions options;
  private final Sweep sweep;
  private final Windows windows;
  private final OffsetDateTime started;
  private final Tally tally;

  Preview(Database database, CollectorOptions options, Sweep sweep) {
    this.database = database;
    this.options = options;
    this.sweep = sweep;
    this.windows = new Windows(database, options.margin);
    this.started = database.transaction(database::now);
    this.tally = new Tally(true, started.toInstant());
  }

  CollectorReport go() {
    long begin = System.nanoTime();
    database
        .transaction(connection -> windows.foreseen(connection, started))
        .forEach((consumer, horizon) -> tally.horizon(consumer, horizon.toInstant()));
    @Nullable BucketDrops buckets = BucketDrops.of(database);
    if (buckets != null) {
      count(buckets);
    }
    for (Target target : Target.values()) {
      sweep(target);
    }
    tally.took(System.nanoTime() - begin);
    return tally;
  }

  private Due due(Connection connection) {
    return Due.of(started, options, windows.foreseen(connection, started));
  }

  private void count(BucketDrops buckets) {
    List<LocalDate> days =
        database.transaction(connection -> buckets.due(connection, due(connection)));
    for (LocalDate day : days) {
      tally.add(
          Target.MESSAGE,
          database.transaction(
              connection -> {
                sweep.begin(connection);
                return buckets.count(connection, due(connection), day);
              }));
      tally.dropped(day);
    }
  }

  private void sweep(Target target) {
    Pace pace = new Pace(options.batchTarget, sweep.rowsPerPlace());
    long end = database.transaction(connection -> sweep.end(connection, target));
    long at = 0;
    while (at < end) {
      long from = at;
      long places = Math.min(pace.places(), end - at);
      long start = System.nanoTime();
      Swept swept =
          database.transaction(
              connection -> {
                sweep.begin(connection);
                return sweep.count(connection, target, due(connection), from, places);
              });
      long nanos = System.nanoTime() - start;
      pace.took(places, swept.sum(), nanos, nanos);
      tally.add(target, swept);
      at = swept.next();
      options.progress.accept(
          new Progress(target.table(), Math.min(1, (double) at / end), tally.total()));
    }
  }
}
