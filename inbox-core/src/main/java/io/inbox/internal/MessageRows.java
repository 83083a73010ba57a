package io.inbox.internal;

import io.inbox.MessageKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** What is done to the rows of handled messages beside claiming them. */
final class MessageRows {
  private static final short HANDLED = 0;
  private static final short DEAD_LETTERED = 1;

  /** Keeps the place of a key in its bucket while its consumer moves there. */
  private static final short SHADOW = 2;

  private final Table<Record> table;
  private final String backfill;

  MessageRows(DSLContext render, Table<Record> table) {
    this.table = table;
    // Not ON CONFLICT, which H2 lacks. A row that comes in between fails the insert; its
    // transaction runs again.
    this.backfill =
        render
            .insertInto(
                table,
                Columns.TENANT,
                Columns.CONSUMER,
                Columns.SOURCE,
                Columns.MESSAGE_ID,
                Columns.HANDLED_AT)
            .select(
                DSL.select(
                        DSL.val("", Columns.TENANT),
                        DSL.val("any", Columns.CONSUMER),
                        DSL.val("", Columns.SOURCE),
                        DSL.val("any", Columns.MESSAGE_ID),
                        DSL.val(JooqRecords.at(Instant.EPOCH), Columns.HANDLED_AT))
                    .whereNotExists(DSL.selectOne().from(table).where(Columns.is(Columns.ANY))))
            .getSQL();
  }

  void markDeadLettered(DSLContext dsl, MessageKey key) {
    dsl.update(table)
        .set(Columns.STATE, DEAD_LETTERED)
        .where(Columns.is(key))
        .and(Columns.STATE.ne(SHADOW))
        .execute();
  }

  void markHandled(
      DSLContext dsl, MessageKey key, byte @Nullable [] fingerprint, @Nullable Instant time) {
    dsl.update(table)
        .set(Columns.STATE, HANDLED)
        .set(Columns.HANDLED_AT, DSL.currentOffsetDateTime())
        .set(Columns.FINGERPRINT, fingerprint)
        .set(Columns.MESSAGE_TIME, JooqRecords.at(time))
        .where(Columns.is(key))
        .and(Columns.STATE.ne(SHADOW))
        .execute();
  }

  int backfill(Connection connection, Map<MessageKey, Instant> handled) throws SQLException {
    int added = 0;
    try (PreparedStatement statement = connection.prepareStatement(backfill)) {
      for (Map.Entry<MessageKey, Instant> entry : handled.entrySet()) {
        Columns.bind(statement, 1, entry.getKey());
        statement.setObject(5, JooqRecords.at(entry.getValue()));
        Columns.bind(statement, 6, entry.getKey());
        // One by one: a driver that rewrites batches does not say how many were new.
        added += statement.executeUpdate();
      }
    }
    return added;
  }
}
