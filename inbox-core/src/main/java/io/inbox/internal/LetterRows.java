package io.inbox.internal;

import io.inbox.DeadLetter;
import io.inbox.DeadLetterQuery;
import io.inbox.MessageKey;
import io.inbox.Reason;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Record2;
import org.jooq.SelectConditionStep;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** The rows of the dead letters. */
final class LetterRows {
  private static final List<Field<?>> LISTED =
      List.of(
          Columns.ID,
          Columns.TENANT,
          Columns.CONSUMER,
          Columns.SOURCE,
          Columns.MESSAGE_ID,
          Columns.REASON,
          Columns.LETTER_STATE,
          Columns.ATTEMPTS,
          Columns.DELIVERIES,
          Columns.ERROR,
          Columns.MESSAGE_TIME,
          Columns.SUBJECT,
          Columns.CORRELATION_ID,
          Columns.DEAD_LETTERED_AT,
          Columns.RESOLVED_AT,
          Columns.RESOLUTION);

  private final Table<Record> table;
  private final List<Field<?>> shown;

  LetterRows(Table<Record> table) {
    this.table = table;
    this.shown = new ArrayList<>(LISTED);
    shown.add(Columns.HEADERS);
    shown.add(Columns.PAYLOAD);
    shown.add(Columns.FINGERPRINT);
  }

  /**
   * Inserts a letter, or counts a delivery of the copy that is there. Two inserts of one copy at
   * once: the second fails and its transaction runs again.
   */
  long add(DSLContext dsl, DeadLetter letter, byte @Nullable [] digest) {
    byte @Nullable [] identity = digest;
    if (digest != null) {
      @Nullable Record2<Long, String> stored =
          dsl.select(Columns.ID, Columns.LETTER_STATE)
              .from(table)
              .where(Columns.DIGEST.eq(digest))
              .fetchOne();
      if (stored != null) {
        boolean open = stored.value2().equals(DeadLetter.State.OPEN.name());
        boolean anonymous = letter.key().isEmpty();
        if (countDelivery(dsl, stored.value1(), anonymous) || (open && !anonymous)) {
          return stored.value1();
        }
        identity = null; // the copy that has it may be gone in a moment
      }
    }
    @Nullable MessageKey key = letter.key().orElse(null);
    return Objects.requireNonNull(
        dsl.insertInto(table)
            .set(Columns.DIGEST, identity)
            .set(Columns.TENANT, letter.tenant())
            .set(Columns.CONSUMER, letter.consumer())
            .set(Columns.SOURCE, key == null ? null : key.source())
            .set(Columns.MESSAGE_ID, key == null ? null : key.messageId())
            .set(Columns.REASON, letter.reason().code())
            .set(Columns.ATTEMPTS, letter.attempts())
            .set(Columns.ERROR, letter.error().orElse(null))
            .set(Columns.MESSAGE_TIME, JooqRecords.at(letter.time().orElse(null)))
            .set(Columns.SUBJECT, letter.subject().orElse(null))
            .set(Columns.CORRELATION_ID, letter.correlationId().orElse(null))
            .set(Columns.FINGERPRINT, letter.fingerprint().orElse(null))
            .set(Columns.HEADERS, HeaderText.write(letter.headers()))
            .set(Columns.PAYLOAD, letter.payload().orElse(null))
            .returning(Columns.ID)
            .fetchOne(Columns.ID),
        "an inserted row has an id");
  }

  /**
   * Counts one more delivery of a stored copy, unless its row is locked or gone; returns whether it
   * did. Either a replay of it is running, for as long as its handler takes, and the count is not
   * worth that wait; or it was settled long ago and is being collected, and then this copy must be
   * stored. A copy without an id may be another message that looks the same: it is stored in both
   * cases, and an ended letter of one opens again.
   */
  private boolean countDelivery(DSLContext dsl, long id, boolean reopen) {
    boolean free =
        dsl.select(Columns.ID)
            .from(table)
            .where(Columns.ID.eq(id))
            .forUpdate()
            .skipLocked()
            .fetchOptional()
            .isPresent();
    if (!free) {
      return false;
    }
    dsl.update(table)
        .set(Columns.DELIVERIES, Columns.DELIVERIES.plus(1))
        .set(Columns.LAST_DELIVERED_AT, DSL.currentOffsetDateTime())
        .where(Columns.ID.eq(id))
        .execute();
    if (reopen) {
      dsl.update(table)
          .set(Columns.LETTER_STATE, DeadLetter.State.OPEN.name())
          .setNull(Columns.RESOLVED_AT)
          .setNull(Columns.RESOLUTION)
          .where(Columns.ID.eq(id))
          .execute();
    }
    return true;
  }

  List<DeadLetter> list(DSLContext dsl, String tenant, String consumer, DeadLetterQuery query) {
    Condition wanted =
        Columns.CONSUMER
            .eq(consumer)
            .and(Columns.TENANT.eq(tenant))
            .and(Columns.LETTER_STATE.eq(query.state().name()))
            .and(Columns.ID.gt(query.after()));
    if (query.reason() != null) {
      wanted = wanted.and(Columns.REASON.eq(query.reason().code()));
    }
    return dsl.select(LISTED)
        .from(table)
        .where(wanted)
        .orderBy(Columns.ID)
        .limit(query.limit())
        .fetch(row -> read(row, false));
  }

  Optional<DeadLetter> find(DSLContext dsl, String tenant, String consumer, long id, boolean lock) {
    SelectConditionStep<Record> query =
        dsl.select(shown)
            .from(table)
            .where(Columns.ID.eq(id))
            .and(Columns.TENANT.eq(tenant))
            .and(Columns.CONSUMER.eq(consumer));
    return lock
        ? query.forUpdate().fetchOptional(row -> read(row, true))
        : query.fetchOptional(row -> read(row, true));
  }

  void resolve(DSLContext dsl, long id, DeadLetter.State state, @Nullable String resolution) {
    dsl.update(table)
        .set(Columns.LETTER_STATE, state.name())
        .set(Columns.RESOLVED_AT, DSL.currentOffsetDateTime())
        .set(Columns.RESOLUTION, resolution)
        .where(Columns.ID.eq(id))
        .execute();
  }

  private static DeadLetter read(Record row, boolean content) {
    String tenant = row.get(Columns.TENANT);
    String consumer = row.get(Columns.CONSUMER);
    @Nullable String id = row.get(Columns.MESSAGE_ID);
    DeadLetter.Builder letter =
        DeadLetter.builder(
                row.get(Columns.ID),
                tenant,
                consumer,
                Reason.of(row.get(Columns.REASON)),
                DeadLetter.State.valueOf(row.get(Columns.LETTER_STATE)))
            .key(id == null ? null : new MessageKey(tenant, consumer, row.get(Columns.SOURCE), id))
            .failures(
                row.get(Columns.ATTEMPTS), row.get(Columns.DELIVERIES), row.get(Columns.ERROR))
            .deadLetteredAt(row.get(Columns.DEAD_LETTERED_AT).toInstant())
            .resolved(instant(row.get(Columns.RESOLVED_AT)), row.get(Columns.RESOLUTION))
            .about(
                instant(row.get(Columns.MESSAGE_TIME)),
                row.get(Columns.SUBJECT),
                row.get(Columns.CORRELATION_ID));
    return content
        ? letter
            .content(
                HeaderText.read(row.get(Columns.HEADERS)),
                row.get(Columns.PAYLOAD),
                row.get(Columns.FINGERPRINT))
            .build()
        : letter.build();
  }

  private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
    return time == null ? null : time.toInstant();
  }
}
