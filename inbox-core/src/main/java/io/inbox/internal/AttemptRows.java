package io.inbox.internal;

import io.inbox.MessageKey;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;

/** The counts of failed attempts. */
final class AttemptRows {
  private final Table<Record> table;

  AttemptRows(Table<Record> table) {
    this.table = table;
  }

  /**
   * Counts one and returns how many there are. Two first failures at once: the second insert fails,
   * its transaction runs again and finds the row.
   */
  int count(DSLContext dsl, MessageKey key, String error) {
    int counted =
        dsl.update(table)
            .set(Columns.ATTEMPTS, Columns.ATTEMPTS.plus(1))
            .set(Columns.LAST_FAILED_AT, DSL.currentOffsetDateTime())
            .set(Columns.LAST_ERROR, error)
            .where(Columns.is(key))
            .execute();
    if (counted > 0) {
      return dsl.select(Columns.ATTEMPTS)
          .from(table)
          .where(Columns.is(key))
          .fetchSingle(Columns.ATTEMPTS);
    }
    dsl.insertInto(table)
        .set(Columns.TENANT, key.tenant())
        .set(Columns.CONSUMER, key.consumer())
        .set(Columns.SOURCE, key.source())
        .set(Columns.MESSAGE_ID, key.messageId())
        .set(Columns.ATTEMPTS, 1)
        .set(Columns.FIRST_FAILED_AT, DSL.currentOffsetDateTime())
        .set(Columns.LAST_FAILED_AT, DSL.currentOffsetDateTime())
        .set(Columns.LAST_ERROR, error)
        .execute();
    return 1;
  }

  void forget(DSLContext dsl, MessageKey key) {
    dsl.deleteFrom(table).where(Columns.is(key)).execute();
  }
}
