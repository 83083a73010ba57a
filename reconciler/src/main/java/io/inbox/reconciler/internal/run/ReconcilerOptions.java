package io.inbox.reconciler.internal.run;

import io.inbox.reconciler.BuiltInChecks;
import io.inbox.reconciler.JobOptions;
import io.inbox.reconciler.Reconciler;
import io.inbox.reconciler.internal.database.Database;
import io.inbox.reconciler.spi.Check;
import io.inbox.spi.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** What a reconciler was told. Filled by its builder; a reconciler has a copy that it reads. */
public final class ReconcilerOptions {
  static final long ALL_ROWS = Long.MAX_VALUE;

  public final Store store;
  public final @Nullable DataSource dataSource;
  public final List<Check> checks = new ArrayList<>();
  public @Nullable BuiltInChecks builtIn = BuiltInChecks.ofDefaults();
  public List<String> only = List.of();
  public String job = "reconcile";
  public JobOptions jobOptions = JobOptions.ofDefaults();
  public Duration settle = Duration.ofMinutes(1);
  public @Nullable Duration time;
  public long rows = ALL_ROWS;
  public int maxFindings = 10_000;
  public Consumer<Reconciler.Progress> progress = any -> {};
  public BooleanSupplier stop = () -> false;
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
    copy.builtIn = builtIn;
    copy.only = only;
    copy.job = job;
    copy.jobOptions = jobOptions;
    copy.settle = settle;
    copy.time = time;
    copy.rows = rows;
    copy.maxFindings = maxFindings;
    copy.progress = progress;
    copy.stop = stop;
    return copy;
  }

  /** Returns the checks that are to run. */
  List<Check> chosen() {
    return all().stream().filter(it -> only.isEmpty() || only.contains(it.name())).toList();
  }

  /** Returns all checks in the order in which they run. */
  public List<Check> all() {
    List<Check> all = new ArrayList<>();
    if (builtIn != null) {
      all.addAll(builtIn.checks());
    }
    all.addAll(checks);
    return all;
  }

  /** Returns the database; only a copy made by {@link #opened} has one. */
  public Database database() {
    return Objects.requireNonNull(database);
  }
}
