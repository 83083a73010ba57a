package io.inbox.internal.outbox;

import static io.inbox.internal.outbox.OutboxColumns.CAUSATION_ID;
import static io.inbox.internal.outbox.OutboxColumns.CORRELATION_ID;
import static io.inbox.internal.outbox.OutboxColumns.HEADERS;
import static io.inbox.internal.outbox.OutboxColumns.KEY;
import static io.inbox.internal.outbox.OutboxColumns.MESSAGE_ID;
import static io.inbox.internal.outbox.OutboxColumns.PAYLOAD;
import static io.inbox.internal.outbox.OutboxColumns.TENANT;
import static io.inbox.internal.outbox.OutboxColumns.TOPIC;

import io.inbox.MessageKey;
import io.inbox.internal.HeaderText;
import io.inbox.outbox.OutboxMessage;
import io.inbox.spi.Store;
import java.sql.Connection;
import java.util.List;
import org.jooq.BatchBindStep;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
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
  private static final Field<String> MESSAGE_TENANT = OutboxColumns.text("message_tenant");
  private static final Field<?>[] COLUMNS = {
    TENANT,
    CONSUMER,
    SOURCE,
    HANDLED_ID,
    POSITION,
    MESSAGE_ID,
    MESSAGE_TENANT,
    TOPIC,
    KEY,
    HEADERS,
    PAYLOAD,
    CORRELATION_ID,
    CAUSATION_ID
  };

  private final Store store;
  private final Table<Record> kept;

  KeptRows(Store store) {
    this.store = store;
    this.kept = OutboxColumns.table(store, "outbox_kept");
  }

  /**
   * Keeps what the handling of one message appended, in its order. Replaces the copies of an
   * earlier handling, which there are where a message is replayed, or where they outlived its key.
   */
  void keep(Connection connection, MessageKey handled, List<OutboxMessage> messages) {
    DSLContext dsl = OutboxColumns.on(store, connection);
    dsl.deleteFrom(kept).where(of(handled)).execute();
    // Bound, not written into the text: payloads are long and come from outside.
    BatchBindStep inserts =
        dsl.batch(dsl.insertInto(kept, COLUMNS).values(new Object[COLUMNS.length]));
    for (int position = 0; position < messages.size(); position++) {
      OutboxMessage message = messages.get(position);
      inserts =
          inserts.bind(
              handled.tenant(),
              handled.consumer(),
              handled.source(),
              handled.messageId(),
              position + 1,
              message.id(),
              message.tenant(),
              message.topic(),
              message.key().orElse(null),
              HeaderText.write(message.headers()),
              message.hasPayload() ? message.payload() : null,
              message.correlationId().orElse(null),
              message.causationId().orElse(null));
    }
    inserts.execute();
  }

  /** Returns the copies of a handled message in their order. Uses the primary key. */
  List<OutboxMessage> copies(Connection connection, MessageKey handled) {
    return OutboxColumns.on(store, connection)
        .select(
            MESSAGE_ID, MESSAGE_TENANT, TOPIC, KEY, HEADERS, PAYLOAD, CORRELATION_ID, CAUSATION_ID)
        .from(kept)
        .where(of(handled))
        .orderBy(POSITION)
        .fetch(
            row ->
                OutboxMessage.stored(
                    row.value1(),
                    row.value2(),
                    row.value3(),
                    row.value4(),
                    row.value5(),
                    row.value6(),
                    row.value7(),
                    row.value8()));
  }

  private static Condition of(MessageKey handled) {
    return TENANT
        .eq(handled.tenant())
        .and(CONSUMER.eq(handled.consumer()))
        .and(SOURCE.eq(handled.source()))
        .and(HANDLED_ID.eq(handled.messageId()));
  }
}
