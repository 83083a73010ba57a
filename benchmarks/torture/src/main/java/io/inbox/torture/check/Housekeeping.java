package io.inbox.torture.check;

import io.inbox.reconciler.Collector;
import io.inbox.reconciler.spi.Check;
import io.inbox.spi.Store;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** How collector and reconciler are put together, while deliveries go on and afterwards. */
public interface Housekeeping {
  /** Sets up what removes keys. */
  Collector.Builder collector(Store store, DataSource dataSource);

  /**
   * Returns what compares the messages of the consumers with their effects; empty where there is
   * nothing to compare.
   *
   * @param reach how far back; null for as far as possible
   */
  List<Check> checks(@Nullable Duration reach);
}
