package io.inbox.internal.outbox;

import io.inbox.outbox.OutboxMessage;
import io.inbox.spi.Store;
import java.sql.Connection;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.conf.Settings;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/** The tables and columns of the outbox as jOOQ sees them. */
final class OutboxColumns {
  static final Field<Short> SLOT = DSL.field(DSL.name("slot"), SQLDataType.SMALLINT);
  static final Field<Long> ID = DSL.field(DSL.name("id"), SQLDataType.BIGINT);
  static final Field<UUID> MESSAGE_ID = DSL.field(DSL.name("message_id"), SQLDataType.UUID);
  static final Field<String> TENANT = text("tenant");
  static final Field<String> TOPIC = text("topic");
  static final Field<String> KEY = text("key");
  static final Field<String> HEADERS = text("headers");
  static final Field<byte[]> PAYLOAD = DSL.field(DSL.name("payload"), SQLDataType.VARBINARY);
  static final Field<String> CORRELATION_ID = text("correlation_id");
  static final Field<String> CAUSATION_ID = text("causation_id");
  static final Field<OffsetDateTime> APPENDED_AT = time("appended_at");
  static final Field<String> LANE = text("lane");
  static final Field<Integer> ATTEMPTS = DSL.field(DSL.name("attempts"), SQLDataType.INTEGER);
  static final Field<OffsetDateTime> NEXT_ATTEMPT_AT = time("next_attempt_at");
  static final Field<String> LAST_ERROR = text("last_error");
  static final Field<OffsetDateTime> DUE_AT = time("due_at");

  static final Field<Integer> PAYLOAD_BYTES =
      DSL.field(DSL.name("payload_bytes"), SQLDataType.INTEGER);

  /** jOOQ would log bind values, payloads among them. */
  private static final Settings SETTINGS =
      new Settings().withExecuteLogging(false).withDiagnosticsLogging(false);

  private OutboxColumns() {}

  static DSLContext on(Store store, Connection connection) {
    return DSL.using(connection, store.dialect(), SETTINGS);
  }

  static Table<Record> table(Store store, String name) {
    return DSL.table(DSL.name(store.tables().schema(), store.tables().prefix() + name));
  }

  /** Returns what a message is made of, its payload only if it is not longer than that. */
  static List<Field<?>> message(int inlineBytes) {
    Field<Integer> bytes = DSL.octetLength(DSL.field(DSL.name("payload"), SQLDataType.VARCHAR));
    return List.of(
        ID,
        MESSAGE_ID,
        TENANT,
        TOPIC,
        KEY,
        HEADERS,
        DSL.when(bytes.le(inlineBytes), PAYLOAD).as(PAYLOAD.getName()),
        CORRELATION_ID,
        CAUSATION_ID,
        APPENDED_AT,
        DSL.coalesce(bytes, DSL.inline(-1)).as(PAYLOAD_BYTES.getName()));
  }

  static OutboxMessage message(Record row) {
    return OutboxMessage.stored(
        row.get(MESSAGE_ID),
        row.get(TENANT),
        row.get(TOPIC),
        row.get(KEY),
        row.get(HEADERS),
        row.get(PAYLOAD),
        row.get(CORRELATION_ID),
        row.get(CAUSATION_ID));
  }

  static Field<String> text(String name) {
    return DSL.field(DSL.name(name), SQLDataType.VARCHAR);
  }

  static Field<OffsetDateTime> time(String name) {
    return DSL.field(DSL.name(name), SQLDataType.TIMESTAMPWITHTIMEZONE);
  }
}
