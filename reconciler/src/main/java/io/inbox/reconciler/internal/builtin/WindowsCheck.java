package io.inbox.reconciler.internal.builtin;

import io.inbox.reconciler.spi.CheckRun;
import io.inbox.reconciler.spi.Sighting;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Consumers that forget a key before the last redelivery that was declared possible. */
public final class WindowsCheck extends BuiltIn {
  public WindowsCheck(BuiltInOptions options) {
    super("windows", options);
  }

  @Override
  boolean look(CheckRun run) throws SQLException {
    // Reads the whole table, which has a row for each consumer.
    String sql =
        "SELECT \"consumer\", \"dedupe_window_seconds\" FROM %s ORDER BY \"consumer\""
            .formatted(table(run, "consumer"));
    List<String> known = new ArrayList<>();
    for (Map.Entry<String, Duration> row :
        Query.list(run, sql, it -> Map.entry(it.getString(1), Duration.ofSeconds(it.getLong(2))))) {
      known.add(row.getKey());
      compare(run, row.getKey(), row.getValue());
    }
    for (String declared : options.redeliveryHorizons.keySet()) {
      if (!known.contains(declared)) {
        run.found(
            Sighting.warning("CONSUMER_UNKNOWN", declared)
                .consumer(declared)
                .cause("a redelivery horizon is declared for no consumer")
                .detail(
                    "a redelivery horizon is declared for "
                        + declared
                        + ", but there are only "
                        + String.join(", ", known)
                        + " (mend its name in the configuration of the checks)")
                .build());
      }
    }
    return true;
  }

  private void compare(CheckRun run, String consumer, Duration window) throws SQLException {
    @Nullable Duration horizon =
        options.redeliveryHorizons.getOrDefault(consumer, options.redeliveryHorizon);
    if (horizon != null && window.compareTo(horizon) < 0) {
      run.found(
          Sighting.error("WINDOW_TOO_SHORT", consumer)
              .consumer(consumer)
              .cause("the dedupe window is shorter than the redelivery horizon")
              .detail(
                  consumer
                      + " remembers a key for "
                      + window
                      + ", but a message may come again after "
                      + horizon
                      + " and would be handled again (lengthen the window of its inbox)")
              .build());
    }
  }
}
