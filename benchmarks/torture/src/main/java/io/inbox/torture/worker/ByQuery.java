package io.inbox.torture.worker;

import static java.util.Objects.requireNonNull;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.insertInto;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.param;
import static org.jooq.impl.DSL.table;
import static org.jooq.impl.DSL.update;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.SqlHandler;
import io.inbox.testkit.fault.FaultPoint;
import io.inbox.torture.plan.Kind;
import io.inbox.torture.plan.Plan;
import io.inbox.torture.plan.Sent;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jooq.Field;
import org.jooq.Query;

/**
 * As {@link ByKey}, but single messages by queries that go with their claim, where nothing is to go
 * wrong in the handler or between its statements. Queries append nothing to the outbox, so what
 * they apply has the version 0, and draws none.
 */
final class ByQuery extends ByKey {
  /** Points that only a handler passes. */
  private static final Set<FaultPoint> OF_HANDLERS =
      EnumSet.of(
          FaultPoint.P2_BEGUN,
          FaultPoint.P4_CLAIMED,
          FaultPoint.P5_HANDLING,
          FaultPoint.P6_FLUSHING,
          FaultPoint.P7_GUARDING);

  private final Plan plan;
  private final Booking booking;
  private final Map<String, SqlHandler> handlers = new HashMap<>();

  ByQuery(Inboxes inboxes, Plan plan, Booking booking) {
    super(inboxes, booking);
    this.plan = plan;
    this.booking = booking;
    inboxes.byConsumer().forEach((consumer, inbox) -> handlers.put(consumer, handler(inbox)));
  }

  private static SqlHandler handler(Inbox inbox) {
    SqlHandler handler = inbox.sql(count(), apply());
    if (!handler.isOneRoundTrip()) {
      throw new IllegalStateException("these queries do not go with their claim");
    }
    return handler;
  }

  /** What cannot be handled divides by zero. */
  private static Query count() {
    Field<Long> balance = field(name("balance"), Long.class);
    return update(table(name("account")))
        .set(balance, balance.plus(param("amount", Long.class).div(param("divisor", Long.class))))
        .where(field(name("id"), String.class).eq(param("account", String.class)));
  }

  private static Query apply() {
    Field<Long> now = field(Booking.DATABASE_MICROS, Long.class);
    return insertInto(table(name("applied")))
        .set(field(name("tenant"), String.class), param("tenant", String.class))
        .set(field(name("consumer"), String.class), param("consumer", String.class))
        .set(field(name("source"), String.class), param("source", String.class))
        .set(field(name("message_id"), String.class), param("id", String.class))
        .set(field(name("number"), Integer.class), param("number", Integer.class))
        .set(field(name("account"), String.class), param("account", String.class))
        .set(field(name("amount"), Long.class), param("amount", Long.class))
        .set(field(name("version"), Long.class), inline(0L))
        .set(field(name("attempt"), Long.class), param("attempt", Long.class))
        .set(field(name("started_at"), Long.class), now)
        .set(field(name("ended_at"), Long.class), now);
  }

  @Override
  Outcome<Void> one(Inbox inbox, TaskRun run, Message message) {
    Sent sent = plan.message(Sent.number(message.payload()));
    if (run.instructed(sent) || run.aim().filter(OF_HANDLERS::contains).isPresent()) {
      return super.one(inbox, run, message);
    }
    Map<String, Object> values = new HashMap<>();
    values.put("tenant", sent.group().tenant());
    values.put("consumer", sent.group().consumer());
    values.put("source", sent.source());
    values.put("id", sent.id());
    values.put("number", sent.number());
    values.put("account", sent.account());
    values.put("amount", sent.amount());
    values.put("divisor", sent.kind() == Kind.POISON ? 0L : 1L);
    values.put("attempt", booking.attempt());
    return requireNonNull(handlers.get(inbox.consumer())).process(message, values);
  }
}
