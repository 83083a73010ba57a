package io.inbox.internal;

import io.inbox.MessageKey;
import io.inbox.spi.Tables;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/** The tables and columns as jOOQ sees them. */
public final class Columns {
  public static final Field<String> TENANT = text("tenant");
  public static final Field<String> CONSUMER = text("consumer");
  public static final Field<String> SOURCE = text("source");
  public static final Field<String> MESSAGE_ID = text("message_id");
  public static final Field<OffsetDateTime> HANDLED_AT = time("handled_at");
  public static final Field<OffsetDateTime> MESSAGE_TIME = time("message_time");
  public static final Field<Short> STATE = DSL.field(DSL.name("state"), SQLDataType.SMALLINT);
  public static final Field<byte[]> FINGERPRINT = bytes("fingerprint");
  public static final Field<String> SUBJECT = text("subject");
  public static final Field<String> CORRELATION_ID = text("correlation_id");
  public static final Field<OffsetDateTime> PURGE_HORIZON = time("purge_horizon");
  public static final Field<Integer> ATTEMPTS = number("attempts");

  static final Field<Long> DEDUPE_WINDOW_SECONDS =
      DSL.field(DSL.name("dedupe_window_seconds"), SQLDataType.BIGINT);
  static final Field<OffsetDateTime> UPDATED_AT = time("updated_at");
  static final Field<Integer> VERSION = number("version");
  static final Field<Integer> COMPATIBLE_FROM = number("compatible_from");
  static final Field<byte[]> RESULT = bytes("result");
  static final Field<byte[]> SIGNATURE = bytes("signature");
  static final Field<OffsetDateTime> FIRST_FAILED_AT = time("first_failed_at");
  static final Field<OffsetDateTime> LAST_FAILED_AT = time("last_failed_at");
  static final Field<String> LAST_ERROR = text("last_error");
  static final Field<Long> ID = DSL.field(DSL.name("id"), SQLDataType.BIGINT);
  static final Field<byte[]> DIGEST = bytes("digest");
  static final Field<String> REASON = text("reason");
  static final Field<String> LETTER_STATE = text("state");
  static final Field<Integer> DELIVERIES = number("deliveries");
  static final Field<String> ERROR = text("error");
  static final Field<String> HEADERS = text("headers");
  static final Field<byte[]> PAYLOAD = bytes("payload");
  static final Field<OffsetDateTime> DEAD_LETTERED_AT = time("dead_lettered_at");
  static final Field<OffsetDateTime> LAST_DELIVERED_AT = time("last_delivered_at");
  static final Field<OffsetDateTime> RESOLVED_AT = time("resolved_at");
  static final Field<String> RESOLUTION = text("resolution");

  /** Stands for the key while a statement is rendered. */
  static final MessageKey ANY = new MessageKey("", "any", "", "any");

  private Columns() {}

  /** Returns a table by its name without the prefix. */
  public static Table<Record> table(Tables tables, String name) {
    return DSL.table(DSL.name(tables.schema(), tables.prefix() + name));
  }

  /** Returns the condition that picks the row of a key: the primary key of the table. */
  static Condition is(MessageKey key) {
    return TENANT
        .eq(key.tenant())
        .and(CONSUMER.eq(key.consumer()))
        .and(SOURCE.eq(key.source()))
        .and(MESSAGE_ID.eq(key.messageId()));
  }

  /** Binds the four parts of a key: tenant, consumer, source, message id. */
  static void bind(PreparedStatement statement, int from, MessageKey key) throws SQLException {
    statement.setString(from, key.tenant());
    statement.setString(from + 1, key.consumer());
    statement.setString(from + 2, key.source());
    statement.setString(from + 3, key.messageId());
  }

  private static Field<String> text(String name) {
    return DSL.field(DSL.name(name), SQLDataType.VARCHAR);
  }

  private static Field<OffsetDateTime> time(String name) {
    return DSL.field(DSL.name(name), SQLDataType.TIMESTAMPWITHTIMEZONE);
  }

  private static Field<byte[]> bytes(String name) {
    return DSL.field(DSL.name(name), SQLDataType.VARBINARY);
  }

  private static Field<Integer> number(String name) {
    return DSL.field(DSL.name(name), SQLDataType.INTEGER);
  }
}
