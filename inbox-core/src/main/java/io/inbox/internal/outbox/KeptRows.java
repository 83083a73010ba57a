package io.inbox.internal.outbox;

import static io.inbox.internal.outbox.OutboxColumns.APPENDED_AT;
import static io.inbox.internal.outbox.OutboxColumns.CAUSATION_ID;
import static io.inbox.internal.outbox.OutboxColumns.CORRELATION_ID;
import static io.inbox.internal.outbox.OutboxColumns.HEADERS;
import static io.inbox.internal.outbox.OutboxColumns.KEY;
import static io.inbox.internal.outbox.OutboxColumns.MESSAGE_ID;
import static io.inbox.internal.outbox.OutboxColumns.PAYLOAD;
import static io.inbox.internal.outbox.OutboxColumns.SLOT;
import static io.inbox.internal.outbox.OutboxColumns.TENANT;
import static io.inbox.internal.outbox.OutboxColumns.TOPIC;

import io.inbox.MessageKey;
import io.inbox.outbox.OutboxMessage;
import io.inbox.spi.OutboxStatements.Appended;
import io.inbox.spi.Store;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToIntFunction;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.InsertSetMoreStep;
import org.jooq.Query;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/** Copies of what the first handling of a message appended, to be sent again for a duplicate. */
final class KeptRows {
  private static final Field<String> CONSUMER = OutboxColumns.text("consumer");
  private static final Field<String> SOURCE = OutboxColumns.text("source");
  private static final Field<String> HANDLED_ID = OutboxColumns.text("handled_id");
  private static final Field<Integer> POSITION =
      DSL.field(DSL.name("position"), SQLDataType.INTEGER);

  private final Store store;
  private final Table<Record> kept;
  private final Table<Record> outbox;

  KeptRows(Store store) {
    this.store = store;
    this.kept = OutboxColumns.table(store, "outbox_kept");
    this.outbox = OutboxColumns.table(store, "outbox");
  }

  /** A message and the key of the message whose handling appended it. */
  record Kept(MessageKey handled, int position, Appended appended) {}

  void insert(Connection connection, List<Kept> copies) {
    DSLContext dsl = OutboxColumns.on(store, connection);
    List<InsertSetMoreStep<Record>> inserts = new ArrayList<>(copies.size());
    for (Kept copy : copies) {
      OutboxMessage message = copy.appended().message();
      inserts.add(
          dsl.insertInto(kept)
              .set(TENANT, copy.handled().tenant())
              .set(CONSUMER, copy.handled().consumer())
              .set(SOURCE, copy.handled().source())
              .set(HANDLED_ID, copy.handled().messageId())
              .set(POSITION, copy.position())
              .set(SLOT, (short) copy.appended().slot())
              .set(MESSAGE_ID, message.id())
              .set(TOPIC, message.topic())
              .set(KEY, message.key().orElse(null))
              .set(HEADERS, copy.appended().headers())
              .set(PAYLOAD, message.hasPayload() ? message.payload() : null)
              .set(CORRELATION_ID, message.correlationId().orElse(null))
              .set(CAUSATION_ID, message.causationId().orElse(null)));
    }
    dsl.batch(inserts).execute();
  }

  /**
   * Appends the copies of a handled message again, with the same ids and in the same order. Uses
   * the primary key.
   *
   * @param slotOf the slot of a lane, which may be another one than it was
   * @return the slots that have rows now
   */
  Set<Integer> sendAgain(Connection connection, MessageKey handled, ToIntFunction<String> slotOf) {
    DSLContext dsl = OutboxColumns.on(store, connection);
    Condition of =
        TENANT
            .eq(handled.tenant())
            .and(CONSUMER.eq(handled.consumer()))
            .and(SOURCE.eq(handled.source()))
            .and(HANDLED_ID.eq(handled.messageId()));
    Set<Integer> slots = new TreeSet<>();
    List<Query> inserts = new ArrayList<>();
    dsl.select(POSITION, TOPIC, KEY, MESSAGE_ID)
        .from(kept)
        .where(of)
        .orderBy(POSITION)
        .forEach(
            row -> {
              int slot =
                  slotOf.applyAsInt(
                      Lane.of(handled.tenant(), row.value2(), row.value3(), row.value4()));
              slots.add(slot);
              inserts.add(again(dsl, slot, of.and(POSITION.eq(row.value1()))));
            });
    if (!inserts.isEmpty()) {
      dsl.batch(inserts).execute();
    }
    return slots;
  }

  private Query again(DSLContext dsl, int slot, Condition copy) {
    List<Field<?>> columns =
        List.of(
            MESSAGE_ID,
            TENANT,
            TOPIC,
            KEY,
            HEADERS,
            PAYLOAD,
            CORRELATION_ID,
            CAUSATION_ID,
            APPENDED_AT);
    List<Field<?>> into = new ArrayList<>(columns);
    into.add(SLOT);
    List<Field<?>> from = new ArrayList<>(columns);
    from.add(DSL.val((short) slot));
    return dsl.insertInto(outbox, into).select(dsl.select(from).from(kept).where(copy));
  }
}
