package io.inbox.reconciler.internal.retention;

import io.inbox.reconciler.Retention.Rule;
import io.inbox.reconciler.internal.database.Database;
import java.sql.Connection;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/** The rules of retention. Few rows; read by their primary key or all at once. */
public final class RetentionRows {
  private static final Field<String> CONSUMER = text("consumer");
  private static final Field<String> SCOPE = text("scope");
  private static final Field<String> TENANT = text("tenant");
  private static final Field<Long> KEEP = DSL.field(DSL.name("keep_seconds"), SQLDataType.BIGINT);
  private static final Field<OffsetDateTime> UPDATED_AT =
      DSL.field(DSL.name("updated_at"), SQLDataType.TIMESTAMPWITHTIMEZONE);
  private static final String OF_CONSUMER = "CONSUMER";
  private static final String OF_TENANT = "TENANT";
  private static final String EVERY = "";

  /** Whoever writes into the table by hand may write anything. */
  private static final long LONGEST_SECONDS = Duration.ofDays(36_500).toSeconds();

  private final Database database;
  private final Table<Record> table;

  public RetentionRows(Database database) {
    this.database = database;
    this.table = database.table("retention");
  }

  /** How long rows are kept by consumer, whatever their tenant. */
  public static final class Kept {
    private final Map<String, Duration> byConsumer;

    private Kept(Map<String, Duration> byConsumer) {
      this.byConsumer = byConsumer;
    }

    /** Returns the longest of the window and the rules for this consumer. */
    public Duration atLeast(String consumer, Duration window) {
      Duration longest = window;
      for (String name : new String[] {consumer, EVERY}) {
        Duration rule = byConsumer.getOrDefault(name, Duration.ZERO);
        longest = rule.compareTo(longest) > 0 ? rule : longest;
      }
      return longest;
    }
  }

  /** Reads the rules that name no tenant. */
  public Kept ofConsumers(Connection connection) {
    Map<String, Duration> rules = new HashMap<>();
    database
        .on(connection)
        .select(CONSUMER, KEEP)
        .from(table)
        .where(SCOPE.eq(OF_CONSUMER))
        .forEach(row -> rules.put(row.value1(), seconds(row.value2())));
    return new Kept(rules);
  }

  /** Reads the rules that name a tenant. */
  public List<Rule> ofTenants(Connection connection) {
    return database
        .on(connection)
        .selectFrom(table)
        .where(SCOPE.eq(OF_TENANT))
        .fetch(RetentionRows::rule);
  }

  public List<Rule> list(Connection connection) {
    return database
        .on(connection)
        .selectFrom(table)
        .orderBy(CONSUMER, SCOPE, TENANT)
        .fetch(RetentionRows::rule);
  }

  public void put(Connection connection, Rule rule) {
    DSLContext dsl = database.on(connection);
    long keep = rule.keep().toSeconds() + (rule.keep().toNanosPart() > 0 ? 1 : 0);
    int updated =
        dsl.update(table).set(KEEP, keep).set(UPDATED_AT, database.now()).where(is(rule)).execute();
    if (updated == 0) {
      dsl.insertInto(table)
          .set(CONSUMER, rule.namedConsumer().orElse(EVERY))
          .set(SCOPE, rule.tenant() == null ? OF_CONSUMER : OF_TENANT)
          .set(TENANT, rule.namedTenant().orElse(""))
          .set(KEEP, keep)
          .execute();
    }
  }

  public boolean remove(Connection connection, Rule rule) {
    return database.on(connection).deleteFrom(table).where(is(rule)).execute() == 1;
  }

  private static Condition is(Rule rule) {
    return CONSUMER
        .eq(rule.namedConsumer().orElse(EVERY))
        .and(SCOPE.eq(rule.tenant() == null ? OF_CONSUMER : OF_TENANT))
        .and(TENANT.eq(rule.namedTenant().orElse("")));
  }

  private static Rule rule(Record row) {
    String consumer = row.get(CONSUMER);
    return new Rule(
        consumer.equals(EVERY) ? null : consumer,
        row.get(SCOPE).equals(OF_TENANT) ? row.get(TENANT) : null,
        seconds(row.get(KEEP)));
  }

  private static Duration seconds(long seconds) {
    return Duration.ofSeconds(Math.min(seconds, LONGEST_SECONDS));
  }

  private static Field<String> text(String name) {
    return DSL.field(DSL.name(name), SQLDataType.VARCHAR);
  }
}
