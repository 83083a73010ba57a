package io.inbox.reconciler.internal.run;

import io.inbox.reconciler.internal.Database;
import io.inbox.reconciler.spi.Check;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a reconciler was told. Filled by its builder, read afterwards. */
public final class ReconcilerOptions {
  public static final long ALL_ROWS = Long.MAX_VALUE;

  public final Database database;
  public final List<Check> checks = new ArrayList<>();
  public String job = "reconcile";
  public Duration settle = Duration.ofMinutes(1);
  public @Nullable Duration time;
  public long rows = ALL_ROWS;
  public int maxFindings = 10_000;

  public ReconcilerOptions(Database database) {
    this.database = database;
  }
}
