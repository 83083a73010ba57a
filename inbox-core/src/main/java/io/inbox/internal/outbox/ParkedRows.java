package io.inbox.internal.outbox;

import static io.inbox.internal.outbox.OutboxColumns.APPENDED_AT;
import static io.inbox.internal.outbox.OutboxColumns.ATTEMPTS;
import static io.inbox.internal.outbox.OutboxColumns.CAUSATION_ID;
import static io.inbox.internal.outbox.OutboxColumns.CORRELATION_ID;
import static io.inbox.internal.outbox.OutboxColumns.HEADERS;
import static io.inbox.internal.outbox.OutboxColumns.ID;
import static io.inbox.internal.outbox.OutboxColumns.KEY;
import static io.inbox.internal.outbox.OutboxColumns.LANE;
import static io.inbox.internal.outbox.OutboxColumns.LAST_ERROR;
import static io.inbox.internal.outbox.OutboxColumns.MESSAGE_ID;
import static io.inbox.internal.outbox.OutboxColumns.NEXT_ATTEMPT_AT;
import static io.inbox.internal.outbox.OutboxColumns.PAYLOAD;
import static io.inbox.internal.outbox.OutboxColumns.SLOT;
import static io.inbox.internal.outbox.OutboxColumns.TENANT;
import static io.inbox.internal.outbox.OutboxColumns.TOPIC;

import io.inbox.outbox.OutboxMessage;
import io.inbox.spi.OutboxStatements.Row;
import io.inbox.spi.Store;
import java.sql.Connection;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Query;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** The lanes that wait because a message failed, and the messages that wait in them. */
final class ParkedRows {
  private final Store store;
  private final Table<Record> blocked;
  private final Table<Record> parked;
  private final Table<Record> outbox;

  ParkedRows(Store store) {
    this.store = store;
    this.blocked = OutboxColumns.table(store, "outbox_blocked");
    this.parked = OutboxColumns.table(store, "outbox_parked");
    this.outbox = OutboxColumns.table(store, "outbox");
  }

  /** Returns the lanes of a slot that wait. */
  Map<String, BlockedLane> load(Connection connection, int slot) {
    Map<String, BlockedLane> lanes = new HashMap<>();
    on(connection)
        .select(LANE, TOPIC, ATTEMPTS, NEXT_ATTEMPT_AT, DSL.currentOffsetDateTime())
        .from(blocked)
        .where(SLOT.eq((short) slot))
        .forEach(
            row ->
                lanes.put(
                    row.value1(),
                    BlockedLane.of(
                        slot,
                        row.value1(),
                        row.value2(),
                        row.value3(),
                        Duration.between(row.value5(), row.value4()))));
    return lanes;
  }

  /** Writes how often a lane's oldest message was tried and when it is tried again. */
  void block(
      Connection connection,
      BlockedLane lane,
      OutboxMessage message,
      Duration delay,
      @Nullable String error) {
    DSLContext dsl = on(connection);
    OffsetDateTime next =
        dsl.select(DSL.currentOffsetDateTime())
            .fetchSingle(DSL.currentOffsetDateTime())
            .plus(delay);
    int known =
        dsl.update(blocked)
            .set(ATTEMPTS, lane.attempts())
            .set(NEXT_ATTEMPT_AT, next)
            .set(LAST_ERROR, error)
            .where(SLOT.eq((short) lane.slot()))
            .and(LANE.eq(lane.lane()))
            .execute();
    if (known == 0) {
      dsl.insertInto(blocked)
          .set(SLOT, (short) lane.slot())
          .set(LANE, lane.lane())
          .set(TENANT, message.tenant())
          .set(TOPIC, message.topic())
          .set(KEY, message.key().orElse(null))
          .set(ATTEMPTS, lane.attempts())
          .set(NEXT_ATTEMPT_AT, next)
          .set(LAST_ERROR, error)
          .execute();
    }
  }

  /** The lane's oldest message has not been tried yet, and may be at once. */
  void retryNow(Connection connection, BlockedLane lane) {
    on(connection)
        .update(blocked)
        .set(ATTEMPTS, 0)
        .set(NEXT_ATTEMPT_AT, DSL.currentOffsetDateTime())
        .setNull(LAST_ERROR)
        .where(SLOT.eq((short) lane.slot()))
        .and(LANE.eq(lane.lane()))
        .execute();
  }

  /** Ends the wait of a lane in which nothing is parked any more. */
  void unblock(Connection connection, BlockedLane lane) {
    on(connection)
        .deleteFrom(blocked)
        .where(SLOT.eq((short) lane.slot()))
        .and(LANE.eq(lane.lane()))
        .execute();
  }

  /** Copies rows of the outbox to where they wait; whoever calls deletes them there. */
  void park(Connection connection, List<Row> rows) {
    DSLContext dsl = on(connection);
    Field<?>[] columns = {
      SLOT,
      LANE,
      ID,
      MESSAGE_ID,
      TENANT,
      TOPIC,
      KEY,
      HEADERS,
      PAYLOAD,
      CORRELATION_ID,
      CAUSATION_ID,
      APPENDED_AT
    };
    List<Query> inserts = new ArrayList<>(rows.size());
    for (Row row : rows) {
      inserts.add(
          dsl.insertInto(parked, columns)
              .select(
                  dsl.select(
                          SLOT,
                          DSL.val(Lane.of(row.message())),
                          ID,
                          MESSAGE_ID,
                          TENANT,
                          TOPIC,
                          KEY,
                          HEADERS,
                          PAYLOAD,
                          CORRELATION_ID,
                          CAUSATION_ID,
                          APPENDED_AT)
                      .from(outbox)
                      .where(SLOT.eq((short) row.slot()))
                      .and(ID.eq(row.id()))));
    }
    dsl.batch(inserts).execute();
  }

  /**
   * Returns the oldest messages that wait in a lane, in order, without payloads that are long. Uses
   * the primary key.
   */
  List<Row> oldest(Connection connection, BlockedLane lane, int most) {
    return on(connection)
        .select(OutboxColumns.message(Row.INLINE_BYTES))
        .from(parked)
        .where(SLOT.eq((short) lane.slot()))
        .and(LANE.eq(lane.lane()))
        .orderBy(ID)
        .limit(most)
        .fetch(row -> read(lane, row));
  }

  /** Returns a message that waits with its payload; empty if it is gone. */
  Optional<Row> whole(Connection connection, BlockedLane lane, Row row) {
    return on(connection)
        .select(OutboxColumns.message(Integer.MAX_VALUE))
        .from(parked)
        .where(SLOT.eq((short) lane.slot()))
        .and(LANE.eq(lane.lane()))
        .and(ID.eq(row.id()))
        .fetchOptional(found -> read(lane, found));
  }

  private static Row read(BlockedLane lane, Record row) {
    return new Row(
        lane.slot(),
        row.get(ID),
        row.get(APPENDED_AT).toInstant(),
        OutboxColumns.message(row),
        row.get(OutboxColumns.PAYLOAD_BYTES));
  }

  void delete(Connection connection, BlockedLane lane, List<Row> rows) {
    on(connection)
        .deleteFrom(parked)
        .where(SLOT.eq((short) lane.slot()))
        .and(LANE.eq(lane.lane()))
        .and(ID.in(rows.stream().map(Row::id).toList()))
        .execute();
  }

  boolean empty(Connection connection, BlockedLane lane) {
    return !on(connection)
        .fetchExists(parked, SLOT.eq((short) lane.slot()).and(LANE.eq(lane.lane())));
  }

  private DSLContext on(Connection connection) {
    return OutboxColumns.on(store, connection);
  }
}
