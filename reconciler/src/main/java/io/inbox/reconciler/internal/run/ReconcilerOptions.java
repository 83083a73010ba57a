package io.inbox.reconciler.internal.run;

import io.inbox.reconciler.JobOptions;
import io.inbox.reconciler.internal.database.Database;
import io.inbox.reconciler.spi.Check;
import io.inbox.spi.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** What a reconciler was told. Filled by its builder; a reconciler has a copy that it reads. */
public final class ReconcilerOptions {
  static final long ALL_ROWS = Long.MAX_VALUE;

  public final Store store;
  public final @Nullable DataSource dataSource;
  public final List<Check> checks = new ArrayList<>();
  public String job = "reconcile";
  public JobOptions jobOptions = JobOptions.ofDefaults();
  public Duration settle = Duration.ofMinutes(1);
  public @Nullable Duration time;
  public long rows = ALL_ROWS;
  public int maxFindings = 10_000;
  private final @Nullable Database database;

  public ReconcilerOptions(Store store, @Nullable DataSource dataSource) {
    this(store, dataSource, null);
  }

  private ReconcilerOptions(
      Store store, @Nullable DataSource dataSource, @Nullable Database database) {
    this.store = store;
    this.dataSource = dataSource;
    this.database = database;
  }

  /** Returns a copy, with the database open. */
  public ReconcilerOptions opened() {
    ReconcilerOptions copy =
        new ReconcilerOptions(store, dataSource, Database.open(store, dataSource));
    copy.checks.addAll(checks);
    copy.job = job;
    copy.jobOptions = jobOptions;
    copy.settle = settle;
    copy.time = time;
    copy.rows = rows;
    copy.maxFindings = maxFindings;
    return copy;
  }

  Database database() {
    return Objects.requireNonNull(database);
  }
}
