package io.inbox.reconciler.internal.collector;

import io.inbox.spi.Tables;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;

/**
 * The statements of {@link TidRangeSweep}. Only validated names are put into their text; all values
 * are bound.
 *
 * <p>What decides for each row stands in the order of its cost: first the age, then what takes a
 * look into another table. Those looks are sub-selects with {@code OFFSET 0}, which the planner
 * does not turn into joins: each takes an index, for as many rows as are due, and no statistics can
 * spoil that.
 */
final class TidRangeSql {
  /** Whoever writes a rule by hand may write anything. */
  private static final int FEW_CONSUMERS = 16;

  /** The partition of the keys that are in no bucket. */
  static final String PLAIN = "message_plain";

  private static final long LONGEST_SECONDS = 36_500L * 24 * 3600;

  private final Tables tables;

  TidRangeSql(Tables tables) {
    this.tables = tables;
  }

  /**
   * What there is to look at beside a row's age, so that what there is not costs nothing.
   *
   * @param tenantRules whether a tenant has a retention of its own
   * @param messageHolds whether a hold names a message
   * @param subjectHolds whether one names a subject and no message
   * @param otherHolds whether one names neither
   * @param openLetters whether a dead letter is open
   * @param results whether there are stored results
   * @param kept whether there are copies of outbox messages
   * @param bucketed whether the messages are partitioned, the plain ones a table of their own
   */
  record Guards(
      boolean tenantRules,
      boolean messageHolds,
      boolean subjectHolds,
      boolean otherHolds,
      boolean openLetters,
      boolean results,
      boolean kept,
      boolean bucketed) {}

  /** A statement with its values. */
  record Bound(String text, List<Object> values) {}

  // Locks: none. Index: the one of holds by message, by subject; of dead letters by state.
  Bound guards(Due due) {
    String sql =
        """
        SELECT EXISTS (SELECT FROM %1$s WHERE scope = 'TENANT'),
          EXISTS (SELECT FROM %2$s h WHERE %3$s AND h.message_id IS NOT NULL),
          EXISTS (SELECT FROM %2$s h WHERE %3$s AND h.message_id IS NULL AND h.subject IS NOT NULL),
          EXISTS (SELECT FROM %2$s h WHERE %3$s AND h.message_id IS NULL AND h.subject IS NULL),
          EXISTS (SELECT FROM %4$s WHERE consumer = ANY (?) AND state = 'OPEN'),
          pg_catalog.pg_relation_size(?::regclass) > 0,
          pg_catalog.pg_relation_size(?::regclass) > 0,
          pg_catalog.to_regclass(?) IS NOT NULL"""
            .formatted(
                tables.quoted("retention"),
                tables.quoted("hold"),
                live(),
                tables.quoted("dead_letter"));
    return new Bound(
        sql,
        List.of(
            due.cutoffs().keySet().toArray(String[]::new),
            tables.quoted("result"),
            tables.quoted("outbox_kept"),
            tables.quoted(PLAIN)));
  }

  /** A table whose rows have places: of messages that are partitioned, the plain ones. */
  private String swept(Target target, Guards guards) {
    return tables.quoted(target == Target.MESSAGE && guards.bucketed() ? PLAIN : target.table());
  }

  // Locks: none. Index: none, it is to be seen whole.
  Bound ofBucket(Due due, Guards guards, LocalDate day) {
    List<Object> values = new ArrayList<>();
    String isDue = isDue(due, guards, values);
    values.add(day);
    return new Bound(
        """
        SELECT consumer, count(*) FILTER (WHERE due), count(*) FILTER (WHERE NOT due),
          sum(CASE WHEN due THEN %1$s ELSE 0 END), sum(CASE WHEN due THEN %2$s ELSE 0 END)
        FROM (SELECT m.*, %3$s AS due FROM %4$s m WHERE m.bucket = ? AND m.state <> 2 OFFSET 0) m
        GROUP BY consumer"""
            .formatted(
                guards.results() ? belonging("result", "message_id") : "0",
                guards.kept() ? belonging("outbox_kept", "handled_id") : "0",
                isDue,
                tables.quoted("message")),
        values);
  }

  // Locks: the new rows. Index: the primary key of the plain partition.
  Bound keepLonger(Due due, Guards guards, LocalDate day) {
    List<Object> values = new ArrayList<>();
    values.add(day);
    String isDue = isDue(due, guards, values);
    String columns =
        "tenant, consumer, source, message_id, handled_at, message_time, state, fingerprint, subject, correlation_id";
    return new Bound(
        """
        INSERT INTO %1$s (%2$s)
        SELECT %2$s FROM %3$s m WHERE m.bucket = ? AND m.state <> 2 AND NOT %4$s
        ON CONFLICT DO NOTHING"""
            .formatted(tables.quoted(PLAIN), columns, tables.quoted("message"), isDue),
        values);
  }

  // Locks: the rows it deletes. Index: the primary key of the other table, for each row that goes.
  Bound belongings(Due due, Guards guards, LocalDate day, String table, String id) {
    List<Object> values = new ArrayList<>();
    values.add(day);
    String isDue = isDue(due, guards, values);
    return new Bound(
        """
        DELETE FROM %1$s WHERE ctid = ANY (ARRAY(
          SELECT b.ctid FROM %2$s m CROSS JOIN LATERAL (
            SELECT t.ctid FROM %1$s t
            WHERE t.tenant = m.tenant AND t.consumer = m.consumer AND t.source = m.source AND t.%3$s = m.message_id
            OFFSET 0) b
          WHERE m.bucket = ? AND m.state <> 2 AND %4$s))"""
            .formatted(tables.quoted(table), tables.quoted("message"), id, isDue),
        values);
  }

  /** Never null: what no cutoff says anything about is not due. */
  private String isDue(Due due, Guards guards, List<Object> values) {
    return "coalesce(true" + messageIsDue(due, guards, values) + ", false)";
  }

  // Locks: the rows it deletes, in the order in which they lie. It waits only for whoever has
  // locked
  // one of them, which a claim does not. Scan: the pages of the range, by TID. Index: the primary
  // keys of result and outbox_kept, for each row that goes.
  Bound remove(Target target, Due due, Guards guards, long from, long to) {
    List<Object> values = new ArrayList<>();
    String where = where(target, due, guards, from, to, values);
    String gone = swept(target, guards);
    if (target != Target.MESSAGE || !(guards.results() || guards.kept())) {
      return new Bound(
          """
          WITH gone AS (DELETE FROM %s m %s RETURNING %s AS consumer)
          SELECT consumer, count(*), 0, 0 FROM gone GROUP BY consumer"""
              .formatted(gone, where, consumer(target)),
          values);
    }
    return new Bound(
        """
        WITH gone AS (DELETE FROM %1$s m %2$s RETURNING m.tenant, m.consumer, m.source, m.message_id),
        results AS (%3$s),
        kept AS (%4$s)
        SELECT consumer, count(*),
          CASE row_number() OVER () WHEN 1 THEN (SELECT count(*) FROM results) ELSE 0 END,
          CASE row_number() OVER () WHEN 1 THEN (SELECT count(*) FROM kept) ELSE 0 END
        FROM gone GROUP BY consumer"""
            .formatted(
                gone,
                where,
                guards.results() ? belongings("result", "message_id") : "SELECT WHERE false",
                guards.kept() ? belongings("outbox_kept", "handled_id") : "SELECT WHERE false"),
        values);
  }

  /** Deletes the rows of another table that belong to keys that go. */
  private String belongings(String table, String id) {
    return """
        DELETE FROM %1$s WHERE ctid = ANY (ARRAY(
          SELECT b.ctid FROM gone g CROSS JOIN LATERAL (
            SELECT t.ctid FROM %1$s t
            WHERE t.tenant = g.tenant AND t.consumer = g.consumer AND t.source = g.source AND t.%2$s = g.message_id
            OFFSET 0) b)) RETURNING 1"""
        .formatted(tables.quoted(table), id);
  }

  // Locks: none. Scan: the pages of the range, by TID. Index: as above.
  Bound count(Target target, Due due, Guards guards, long from, long to) {
    List<Object> values = new ArrayList<>();
    String where = where(target, due, guards, from, to, values);
    boolean messages = target == Target.MESSAGE;
    return new Bound(
        """
        SELECT %1$s, count(*), coalesce(sum(%2$s), 0), coalesce(sum(%3$s), 0)
        FROM %4$s m %5$s GROUP BY 1"""
            .formatted(
                consumer(target),
                messages && guards.results() ? belonging("result", "message_id") : "0",
                messages && guards.kept() ? belonging("outbox_kept", "handled_id") : "0",
                swept(target, guards),
                where),
        values);
  }

  private String belonging(String table, String id) {
    return "(SELECT count(*) FROM %s t WHERE t.tenant = m.tenant AND t.consumer = m.consumer AND t.source = m.source AND t.%s = m.message_id)"
        .formatted(tables.quoted(table), id);
  }

  // Locks: none. Scan: the pages of the range, by TID; they have just been read.
  Bound unregistered(Target target, Due due, Guards guards, long from, long to) {
    List<Object> values = new ArrayList<>();
    String range = range(from, to, values);
    values.add(due.cutoffs().keySet().toArray(String[]::new));
    return new Bound(
        """
        SELECT m.consumer, count(*) FROM %s m
        WHERE %s AND array_position(?, m.consumer) IS NULL GROUP BY 1"""
            .formatted(swept(target, guards), range),
        values);
  }

  private static String range(long from, long to, List<Object> values) {
    values.add("(" + from + ",0)");
    values.add("(" + to + ",0)");
    return "m.ctid >= ?::tid AND m.ctid < ?::tid";
  }

  private String where(
      Target target, Due due, Guards guards, long from, long to, List<Object> values) {
    StringBuilder where = new StringBuilder("WHERE ").append(range(from, to, values));
    switch (target) {
      case MESSAGE -> where.append(messageIsDue(due, guards, values));
      case ATTEMPT -> {
        where
            .append(old("m.last_failed_at", due, values))
            .append(tenantRule("m.last_failed_at", due, guards, values))
            .append(keyIsThere())
            .append(holds(guards, false));
      }
      case DEAD_LETTER -> {
        where.append(settled("m.state <> 'OPEN' AND m.resolved_at", due.settledBefore(), values));
        where.append(holds(guards, true));
      }
      case OUTBOX_DEAD_LETTER -> {
        where.append(settled("m.state <> 'OPEN' AND m.resolved_at", due.settledBefore(), values));
        where.append(guards.otherHolds() ? hold("", "tenant") : "");
      }
      case FINDING -> {
        where.append(settled("NOT m.accepted AND m.resolved_at", due.resolvedBefore(), values));
        where.append(guards.otherHolds() ? hold("", "tenant", "consumer", "source") : "");
      }
    }
    return where.toString();
  }

  private String messageIsDue(Due due, Guards guards, List<Object> values) {
    String age = "greatest(m.handled_at, m.message_time)";
    return old(age, due, values)
        + tenantRule(age, due, guards, values)
        + (guards.openLetters() ? openLetter() : "")
        + holds(guards, true);
  }

  private static String consumer(Target target) {
    return target == Target.OUTBOX_DEAD_LETTER || target == Target.FINDING ? "''" : "m.consumer";
  }

  private static String settled(String what, OffsetDateTime before, List<Object> values) {
    values.add(before);
    return " AND " + what + " < ?";
  }

  /** Null, and so not true, for a consumer without a cutoff. A few are found faster by CASE. */
  private static String old(String age, Due due, List<Object> values) {
    if (!due.cutoffs().isEmpty() && due.cutoffs().size() <= FEW_CONSUMERS) {
      StringBuilder cutoff = new StringBuilder("CASE m.consumer");
      due.cutoffs()
          .forEach(
              (consumer, before) -> {
                cutoff.append(" WHEN ? THEN ?::timestamptz");
                values.add(consumer);
                values.add(before);
              });
      return " AND " + age + " < " + cutoff + " END";
    }
    values.add(due.cutoffs().values().toArray(OffsetDateTime[]::new));
    values.add(due.cutoffs().keySet().toArray(String[]::new));
    return " AND " + age + " < (?)[array_position(?, m.consumer)]";
  }

  // Index: the primary key of retention.
  private String tenantRule(String age, Due due, Guards guards, List<Object> values) {
    if (!guards.tenantRules()) {
      return "";
    }
    values.add(due.started().minus(due.margin()));
    return """

         AND NOT EXISTS (SELECT FROM %s r
           WHERE r.consumer IN (m.consumer, '') AND r.scope = 'TENANT' AND r.tenant = m.tenant
             AND %s >= ? - make_interval(secs => least(r.keep_seconds, %d)) OFFSET 0)"""
        .formatted(tables.quoted("retention"), age, LONGEST_SECONDS);
  }

  // Index: the one of dead letters by key.
  private String openLetter() {
    return """

         AND NOT EXISTS (SELECT FROM %s d
           WHERE d.message_id = m.message_id AND d.consumer = m.consumer AND d.source = m.source
             AND d.tenant = m.tenant AND d.state = 'OPEN' OFFSET 0)"""
        .formatted(tables.quoted("dead_letter"));
  }

  // Index: the primary key of message.
  private String keyIsThere() {
    return """

         AND NOT EXISTS (SELECT FROM %s k
           WHERE k.tenant = m.tenant AND k.consumer = m.consumer AND k.source = m.source
             AND k.message_id = m.message_id OFFSET 0)"""
        .formatted(tables.quoted("message"));
  }

  /** Holds on a table whose rows have a key, and perhaps a subject. */
  private String holds(Guards guards, boolean subject) {
    StringBuilder holds = new StringBuilder();
    if (guards.messageHolds()) {
      String of = subject ? "" : " AND h.subject IS NULL";
      String[] parts =
          subject
              ? new String[] {"tenant", "consumer", "source", "subject"}
              : new String[] {"tenant", "consumer", "source"};
      holds.append(hold("h.message_id = m.message_id" + of + " AND ", parts));
    }
    if (guards.subjectHolds() && subject) {
      holds.append(
          hold(
              "h.subject = m.subject AND h.message_id IS NULL AND ",
              "tenant",
              "consumer",
              "source"));
    }
    if (guards.otherHolds()) {
      holds.append(hold("", "tenant", "consumer", "source"));
    }
    return holds.toString();
  }

  // Index: of holds by message or by subject, else the few that name neither.
  private String hold(String by, String... parts) {
    List<String> conditions = new ArrayList<>();
    List<String> others = new ArrayList<>(List.of("tenant", "consumer", "source"));
    for (String part : parts) {
      conditions.add("(h.%1$s IS NULL OR h.%1$s = m.%1$s)".formatted(part));
      others.remove(part);
    }
    others.forEach(part -> conditions.add("h." + part + " IS NULL"));
    if (by.isEmpty()) {
      conditions.add("h.message_id IS NULL AND h.subject IS NULL");
    }
    return "\n AND NOT EXISTS (SELECT FROM %s h WHERE %s%s AND %s OFFSET 0)"
        .formatted(tables.quoted("hold"), by, String.join(" AND ", conditions), live());
  }

  private static String live() {
    return "(h.until IS NULL OR h.until > CURRENT_TIMESTAMP)";
  }
}
