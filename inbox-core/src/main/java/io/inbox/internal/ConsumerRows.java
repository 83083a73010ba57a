package io.inbox.internal;

import io.inbox.spi.ClaimPolicy;
import java.time.Duration;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** The registered consumers and their windows. */
final class ConsumerRows {
  private final Table<Record> table;

  ConsumerRows(Table<Record> table) {
    this.table = table;
  }

  /** Writes the consumer's window, rounded up to seconds; the newest registration wins. */
  void register(DSLContext dsl, ClaimPolicy policy) {
    Duration window = policy.window();
    long seconds = window.toSeconds() + (window.toNanosPart() > 0 ? 1 : 0);
    @Nullable Long known =
        dsl.select(Columns.DEDUPE_WINDOW_SECONDS)
            .from(table)
            .where(Columns.CONSUMER.eq(policy.consumer()))
            .fetchOne(Columns.DEDUPE_WINDOW_SECONDS);
    if (known == null) {
      dsl.insertInto(table)
          .set(Columns.CONSUMER, policy.consumer())
          .set(Columns.DEDUPE_WINDOW_SECONDS, seconds)
          .execute();
    } else if (known != seconds) {
      dsl.update(table)
          .set(Columns.DEDUPE_WINDOW_SECONDS, seconds)
          .set(Columns.UPDATED_AT, DSL.currentOffsetDateTime())
          .where(Columns.CONSUMER.eq(policy.consumer()))
          .execute();
    }
  }
}
