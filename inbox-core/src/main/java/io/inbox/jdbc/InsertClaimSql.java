package io.inbox.jdbc;

import io.inbox.Reason;
import io.inbox.internal.Columns;
import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.Tables;
import java.time.OffsetDateTime;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jooq.types.DayToSecond;

/**
 * The claim statements of one consumer, rendered once. Places are bound in the order in which the
 * text names them.
 */
final class InsertClaimSql {
  private static final Field<OffsetDateTime> TIME =
      DSL.param("time", SQLDataType.TIMESTAMPWITHTIMEZONE);

  /**
   * Locks the new row; waits for a transaction that inserted the same key. Index: the primary key.
   */
  final String insert;

  /** Locks nothing. Index: the primary key. */
  final String select;

  /** Reads the clock and the consumer's purge horizon. */
  final String verdict;

  /** Writes a row of its own, which no key has, and locks nothing else. Index: the primary key. */
  final String mark;

  /** Deletes that row again. Index: the primary key. */
  final String unmark;

  InsertClaimSql(Tables tables, ClaimPolicy policy) {
    DSLContext render = DSL.using(SQLDialect.H2);
    Field<String> consumer = DSL.inline(policy.consumer());
    Field<OffsetDateTime> horizon =
        DSL.field(
            DSL.select(Columns.PURGE_HORIZON)
                .from(Columns.table(tables, "consumer"))
                .where(Columns.CONSUMER.eq(consumer)));
    Condition tooOld =
        TIME.lt(DSL.currentOffsetDateTime().sub(DSL.inline(DayToSecond.valueOf(policy.window()))));
    Condition tooFarAhead =
        TIME.gt(
            DSL.currentOffsetDateTime().add(DSL.inline(DayToSecond.valueOf(policy.maxAhead()))));
    Condition purged = TIME.lt(horizon);
    this.insert =
        render
            .insertInto(
                Columns.table(tables, "message"),
                Columns.TENANT,
                Columns.CONSUMER,
                Columns.SOURCE,
                Columns.MESSAGE_ID,
                Columns.MESSAGE_TIME,
                Columns.SUBJECT,
                Columns.FINGERPRINT,
                Columns.CORRELATION_ID)
            .select(
                DSL.select(
                        text("tenant"),
                        consumer,
                        text("source"),
                        text("id"),
                        TIME,
                        text("subject"),
                        DSL.param("fingerprint", SQLDataType.VARBINARY),
                        text("correlation"))
                    .where(
                        TIME.isNull()
                            .or(
                                DSL.not(
                                    DSL.coalesce(
                                            DSL.field(tooOld.or(tooFarAhead).or(purged)),
                                            DSL.inline(false))
                                        .isTrue()))))
            .getSQL();
    this.select =
        render
            .select(Columns.STATE, Columns.HANDLED_AT, Columns.FINGERPRINT)
            .from(Columns.table(tables, "message"))
            .where(Columns.TENANT.eq(text("tenant")))
            .and(Columns.CONSUMER.eq(consumer))
            .and(Columns.SOURCE.eq(text("source")))
            .and(Columns.MESSAGE_ID.eq(text("id")))
            .getSQL();
    this.verdict =
        render
            .select(
                DSL.when(tooOld, DSL.inline(Reason.TOO_OLD.code()))
                    .when(tooFarAhead, DSL.inline(Reason.TOO_FAR_AHEAD.code()))
                    .when(purged, DSL.inline(Reason.PURGED.code())))
            .getSQL();
    this.mark =
        render
            .insertInto(
                Columns.table(tables, "attempt"),
                Columns.TENANT,
                Columns.CONSUMER,
                Columns.SOURCE,
                Columns.MESSAGE_ID,
                Columns.ATTEMPTS)
            .values(DSL.inline(""), consumer, DSL.inline(""), text("id"), DSL.inline(0))
            .getSQL();
    this.unmark =
        render
            .deleteFrom(Columns.table(tables, "attempt"))
            .where(Columns.TENANT.eq(DSL.inline("")))
            .and(Columns.CONSUMER.eq(consumer))
            .and(Columns.SOURCE.eq(DSL.inline("")))
            .and(Columns.MESSAGE_ID.eq(text("id")))
            .getSQL();
  }

  private static Field<String> text(String name) {
    return DSL.param(name, SQLDataType.VARCHAR);
  }
}
