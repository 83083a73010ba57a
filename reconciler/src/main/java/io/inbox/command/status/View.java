package io.inbox.command.status;

import io.inbox.command.database.Query;
import io.inbox.spi.Tables;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One look at a database.
 *
 * @param query asks it
 * @param tables where the tables are
 * @param counts how many rows there are
 * @param now the time of the look, by the database's clock
 * @param maxLag how long a message of the outbox may wait before a person should look
 */
record View(Query query, Tables tables, RowCounts counts, Instant now, Duration maxLag) {
  /** Returns how long ago something was; null if it was never. */
  @Nullable Duration since(@Nullable Instant time) {
    return time == null ? null : Duration.between(time, now);
  }
}
