package io.inbox.reconciler.internal.retention;

import io.inbox.reconciler.Hold;
import io.inbox.reconciler.Hold.Scope;
import io.inbox.reconciler.internal.database.Database;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;

/** The rows of the holds. */
public final class HoldRows {
  private static final Field<Long> ID = DSL.field(DSL.name("id"), SQLDataType.BIGINT);
  private static final Field<String> CONSUMER = text("consumer");
  private static final Field<String> TENANT = text("tenant");
  private static final Field<String> SOURCE = text("source");
  private static final Field<String> MESSAGE_ID = text("message_id");
  private static final Field<String> SUBJECT = text("subject");
  private static final Field<String> REASON = text("reason");
  private static final Field<String> PLACED_BY = text("placed_by");
  private static final Field<OffsetDateTime> PLACED_AT = time("placed_at");
  private static final Field<OffsetDateTime> UNTIL = time("until");

  private final Database database;
  private final Table<Record> table;

  public HoldRows(Database database) {
    this.database = database;
    this.table = database.table("hold");
  }

  public Hold insert(
      Connection connection,
      Scope scope,
      String reason,
      String placedBy,
      @Nullable Duration length) {
    DSLContext dsl = database.on(connection);
    OffsetDateTime now = database.now(connection);
    @Nullable OffsetDateTime until = length == null ? null : now.plus(length);
    long id =
        Objects.requireNonNull(
            dsl.insertInto(table)
                .set(CONSUMER, scope.consumer())
                .set(TENANT, scope.tenant())
                .set(SOURCE, scope.source())
                .set(MESSAGE_ID, scope.messageId())
                .set(SUBJECT, scope.subject())
                .set(REASON, reason)
                .set(PLACED_BY, placedBy)
                .set(PLACED_AT, now)
                .set(UNTIL, until)
                .returning(ID)
                .fetchOne(ID),
            "an inserted row has an id");
    return new Hold(id, scope, reason, placedBy, now.toInstant(), instant(until));
  }

  public boolean end(Connection connection, long id) {
    return database
            .on(connection)
            .update(table)
            .set(UNTIL, database.now())
            .where(ID.eq(id))
            .and(live())
            .execute()
        == 1;
  }

  /** Ends a hold and records who ended it, and why, beside the repairs. */
  public boolean end(Connection connection, long id, String reason, String by) {
    if (!end(connection, id)) {
      return false;
    }
    DSLContext dsl = database.on(connection);
    Hold hold = HoldRows.read(dsl.selectFrom(table).where(ID.eq(id)).fetchSingle());
    Scope scope = hold.scope();
    dsl.insertInto(database.table("repair"))
        .set(text("action"), "RELEASE_HOLD")
        .set(TENANT, scope.tenant())
        .set(CONSUMER, scope.consumer())
        .set(SOURCE, scope.source())
        .set(text("item"), "hold " + id)
        .set(REASON, reason)
        .set(text("done_by"), by)
        .set(text("before"), scope + ": " + hold.reason() + " (" + hold.placedBy() + ")")
        .execute();
    return true;
  }

  public List<Hold> list(Connection connection, boolean ended) {
    return database
        .on(connection)
        .selectFrom(table)
        .where(ended ? DSL.noCondition() : live())
        .orderBy(ID)
        .fetch(HoldRows::read);
  }

  private Condition live() {
    return UNTIL.isNull().or(UNTIL.gt(database.now()));
  }

  private static Hold read(Record row) {
    Scope scope =
        new Scope(
            row.get(CONSUMER),
            row.get(TENANT),
            row.get(SOURCE),
            row.get(MESSAGE_ID),
            row.get(SUBJECT));
    return new Hold(
        row.get(ID),
        scope,
        row.get(REASON),
        row.get(PLACED_BY),
        row.get(PLACED_AT).toInstant(),
        instant(row.get(UNTIL)));
  }

  private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
    return time == null ? null : time.toInstant();
  }

  private static Field<String> text(String name) {
    return DSL.field(DSL.name(name), SQLDataType.VARCHAR);
  }

  private static Field<OffsetDateTime> time(String name) {
    return DSL.field(DSL.name(name), SQLDataType.TIMESTAMPWITHTIMEZONE);
  }
}
