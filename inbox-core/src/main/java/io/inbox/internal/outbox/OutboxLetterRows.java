package io.inbox.internal.outbox;

import static io.inbox.internal.outbox.OutboxColumns.APPENDED_AT;
import static io.inbox.internal.outbox.OutboxColumns.ATTEMPTS;
import static io.inbox.internal.outbox.OutboxColumns.CAUSATION_ID;
import static io.inbox.internal.outbox.OutboxColumns.CORRELATION_ID;
import static io.inbox.internal.outbox.OutboxColumns.HEADERS;
import static io.inbox.internal.outbox.OutboxColumns.ID;
import static io.inbox.internal.outbox.OutboxColumns.KEY;
import static io.inbox.internal.outbox.OutboxColumns.MESSAGE_ID;
import static io.inbox.internal.outbox.OutboxColumns.PAYLOAD;
import static io.inbox.internal.outbox.OutboxColumns.SLOT;
import static io.inbox.internal.outbox.OutboxColumns.TENANT;
import static io.inbox.internal.outbox.OutboxColumns.TOPIC;

import io.inbox.internal.HeaderText;
import io.inbox.outbox.OutboxDeadLetter;
import io.inbox.outbox.OutboxDeadLetterQuery;
import io.inbox.outbox.OutboxMessage;
import io.inbox.spi.OutboxStatements.Row;
import io.inbox.spi.Store;
import java.sql.Connection;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SelectConditionStep;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** The rows of the outbox's dead letters. */
final class OutboxLetterRows {
  private static final Field<String> REASON = OutboxColumns.text("reason");
  private static final Field<String> STATE = OutboxColumns.text("state");
  private static final Field<String> ERROR = OutboxColumns.text("error");
  private static final Field<OffsetDateTime> DEAD_LETTERED_AT =
      OutboxColumns.time("dead_lettered_at");
  private static final Field<OffsetDateTime> RESOLVED_AT = OutboxColumns.time("resolved_at");
  private static final Field<String> RESOLUTION = OutboxColumns.text("resolution");
  private static final List<Field<?>> LISTED =
      List.of(
          ID,
          MESSAGE_ID,
          TENANT,
          TOPIC,
          KEY,
          CORRELATION_ID,
          CAUSATION_ID,
          REASON,
          STATE,
          ATTEMPTS,
          ERROR,
          DEAD_LETTERED_AT,
          RESOLUTION);

  private final Store store;
  private final Table<Record> letters;
  private final Table<Record> outbox;

  OutboxLetterRows(Store store) {
    this.store = store;
    this.letters = OutboxColumns.table(store, "outbox_dead_letter");
    this.outbox = OutboxColumns.table(store, "outbox");
  }

  void add(Connection connection, Row row, String reason, int attempts, @Nullable String error) {
    OutboxMessage message = row.message();
    on(connection)
        .insertInto(letters)
        .set(MESSAGE_ID, message.id())
        .set(TENANT, message.tenant())
        .set(TOPIC, message.topic())
        .set(KEY, message.key().orElse(null))
        .set(HEADERS, HeaderText.write(message.headers()))
        .set(PAYLOAD, message.hasPayload() ? message.payload() : null)
        .set(CORRELATION_ID, message.correlationId().orElse(null))
        .set(CAUSATION_ID, message.causationId().orElse(null))
        .set(APPENDED_AT, row.appendedAt().atOffset(ZoneOffset.UTC))
        .set(REASON, reason)
        .set(ATTEMPTS, attempts)
        .set(ERROR, error)
        .execute();
  }

  List<OutboxDeadLetter> list(Connection connection, OutboxDeadLetterQuery query) {
    Condition wanted = STATE.eq(query.state().name()).and(ID.gt(query.after()));
    if (query.topic() != null) {
      wanted = wanted.and(TOPIC.eq(query.topic()));
    }
    return on(connection)
        .select(LISTED)
        .from(letters)
        .where(wanted)
        .orderBy(ID)
        .limit(query.limit())
        .fetch(row -> read(row, false));
  }

  Optional<OutboxDeadLetter> find(Connection connection, long id, boolean lock) {
    List<Field<?>> shown = new ArrayList<>(LISTED);
    shown.add(HEADERS);
    shown.add(PAYLOAD);
    SelectConditionStep<Record> query = on(connection).select(shown).from(letters).where(ID.eq(id));
    return lock
        ? query.forUpdate().fetchOptional(row -> read(row, true))
        : query.fetchOptional(row -> read(row, true));
  }

  /** Inserts the message into the outbox, under an id of now. */
  void requeue(Connection connection, long id, int slot) {
    Field<?>[] columns = {
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
    DSLContext dsl = on(connection);
    dsl.insertInto(outbox, columns)
        .select(
            dsl.select(
                    DSL.val((short) slot),
                    MESSAGE_ID,
                    TENANT,
                    TOPIC,
                    KEY,
                    HEADERS,
                    PAYLOAD,
                    CORRELATION_ID,
                    CAUSATION_ID,
                    APPENDED_AT)
                .from(letters)
                .where(ID.eq(id)))
        .execute();
  }

  void resolve(Connection connection, long id, OutboxDeadLetter.State state, String resolution) {
    on(connection)
        .update(letters)
        .set(STATE, state.name())
        .set(RESOLVED_AT, DSL.currentOffsetDateTime())
        .set(RESOLUTION, resolution)
        .where(ID.eq(id))
        .execute();
  }

  private DSLContext on(Connection connection) {
    return OutboxColumns.on(store, connection);
  }

  private static OutboxDeadLetter read(Record row, boolean content) {
    OutboxMessage message =
        OutboxMessage.stored(
            row.get(MESSAGE_ID),
            row.get(TENANT),
            row.get(TOPIC),
            row.get(KEY),
            content ? row.get(HEADERS) : "",
            content ? row.get(PAYLOAD) : null,
            row.get(CORRELATION_ID),
            row.get(CAUSATION_ID));
    OutboxDeadLetter.Failure failure =
        new OutboxDeadLetter.Failure(
            row.get(REASON),
            row.get(ATTEMPTS),
            row.get(ERROR),
            row.get(DEAD_LETTERED_AT).toInstant());
    return new OutboxDeadLetter(
        row.get(ID),
        message,
        failure,
        OutboxDeadLetter.State.valueOf(row.get(STATE)),
        row.get(RESOLUTION));
  }
}
