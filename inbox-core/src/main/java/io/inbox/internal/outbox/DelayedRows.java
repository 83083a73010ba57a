package io.inbox.internal.outbox;

import static io.inbox.internal.outbox.OutboxColumns.APPENDED_AT;
import static io.inbox.internal.outbox.OutboxColumns.CAUSATION_ID;
import static io.inbox.internal.outbox.OutboxColumns.CORRELATION_ID;
import static io.inbox.internal.outbox.OutboxColumns.DUE_AT;
import static io.inbox.internal.outbox.OutboxColumns.HEADERS;
import static io.inbox.internal.outbox.OutboxColumns.ID;
import static io.inbox.internal.outbox.OutboxColumns.KEY;
import static io.inbox.internal.outbox.OutboxColumns.MESSAGE_ID;
import static io.inbox.internal.outbox.OutboxColumns.PAYLOAD;
import static io.inbox.internal.outbox.OutboxColumns.SLOT;
import static io.inbox.internal.outbox.OutboxColumns.TENANT;
import static io.inbox.internal.outbox.OutboxColumns.TOPIC;

import io.inbox.outbox.OutboxMessage;
import io.inbox.spi.OutboxStatements.Appended;
import io.inbox.spi.Store;
import java.sql.Connection;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.InsertSetMoreStep;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** Messages that are not to be published before a time. */
final class DelayedRows {
  private final Store store;
  private final Table<Record> delayed;
  private final Table<Record> outbox;

  DelayedRows(Store store) {
    this.store = store;
    this.delayed = OutboxColumns.table(store, "outbox_delayed");
    this.outbox = OutboxColumns.table(store, "outbox");
  }

  void insert(Connection connection, List<Appended> messages) {
    DSLContext dsl = OutboxColumns.on(store, connection);
    List<InsertSetMoreStep<Record>> inserts = new ArrayList<>(messages.size());
    for (Appended appended : messages) {
      OutboxMessage message = appended.message();
      inserts.add(
          dsl.insertInto(delayed)
              .set(DUE_AT, message.notBefore().orElseThrow().atOffset(ZoneOffset.UTC))
              .set(SLOT, (short) appended.slot())
              .set(MESSAGE_ID, message.id())
              .set(TENANT, message.tenant())
              .set(TOPIC, message.topic())
              .set(KEY, message.key().orElse(null))
              .set(HEADERS, appended.headers())
              .set(PAYLOAD, message.hasPayload() ? message.payload() : null)
              .set(CORRELATION_ID, message.correlationId().orElse(null))
              .set(CAUSATION_ID, message.causationId().orElse(null)));
    }
    dsl.batch(inserts).execute();
  }

  /**
   * Moves messages that are due to the end of the outbox, in the order of their times; several
   * relays may do it at once. Locks the rows, by the index on the time.
   *
   * @param silence see {@link io.inbox.spi.OutboxStatements#endWhenSilent}
   * @return the slots that have them now
   */
  Set<Integer> moveDue(Connection connection, int most, Duration silence) {
    DSLContext dsl = OutboxColumns.on(store, connection);
    Map<Long, Short> rows =
        dsl.select(ID, SLOT, store.outbox().endWhenSilent(silence))
            .from(delayed)
            .where(DUE_AT.le(DSL.currentOffsetDateTime()))
            .orderBy(DUE_AT, ID)
            .limit(most)
            .forUpdate()
            .skipLocked()
            .fetchMap(ID, SLOT);
    if (rows.isEmpty()) {
      return Set.of();
    }
    Set<Long> due = rows.keySet();
    Field<?>[] moved = {
      SLOT,
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
    dsl.insertInto(outbox, moved)
        .select(dsl.select(moved).from(delayed).where(ID.in(due)).orderBy(DUE_AT, ID))
        .execute();
    dsl.deleteFrom(delayed).where(ID.in(due)).execute();
    Set<Integer> slots = new TreeSet<>();
    rows.values().forEach(slot -> slots.add(slot.intValue()));
    return slots;
  }

  /** Returns how long until the next message is due, less than zero once it is. */
  Optional<Duration> untilNext(Connection connection) {
    Field<@Nullable OffsetDateTime> next = DSL.min(DUE_AT);
    Field<OffsetDateTime> now = DSL.currentOffsetDateTime();
    return OutboxColumns.on(store, connection)
        .select(next, now)
        .from(delayed)
        .fetchSingle(
            row -> {
              @Nullable OffsetDateTime due = row.value1();
              return due == null
                  ? Optional.empty()
                  : Optional.of(Duration.between(row.value2(), due));
            });
  }
}
