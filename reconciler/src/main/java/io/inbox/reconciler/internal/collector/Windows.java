package io.inbox.reconciler.internal.collector;

import io.inbox.reconciler.internal.database.Database;
import io.inbox.reconciler.internal.retention.RetentionRows;
import java.sql.Connection;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Record3;
import org.jooq.SelectWhereStep;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;

/** How long the keys of each consumer are kept, and how far each one's horizon has gone. */
final class Windows {
  private static final Field<String> CONSUMER =
      DSL.field(DSL.name("consumer"), SQLDataType.VARCHAR);
  private static final Field<Long> WINDOW =
      DSL.field(DSL.name("dedupe_window_seconds"), SQLDataType.BIGINT);
  private static final Field<OffsetDateTime> HORIZON =
      DSL.field(DSL.name("purge_horizon"), SQLDataType.TIMESTAMPWITHTIMEZONE);

  private final Database database;
  private final RetentionRows retention;
  private final Duration margin;
  private final Table<Record> consumers;

  Windows(Database database, Duration margin) {
    this.database = database;
    this.retention = new RetentionRows(database);
    this.margin = margin;
    this.consumers = database.table("consumer");
  }

  /**
   * Moves the horizons of all consumers to where a run that began then may delete, never backwards.
   * To be committed before anything is deleted. Locks the rows it changes; reads each consumer by
   * the primary key.
   */
  void publish(Connection connection, OffsetDateTime started) {
    wanted(connection, started, false)
        .forEach(
            (consumer, row) ->
                database
                    .on(connection)
                    .update(consumers)
                    .set(HORIZON, row.cutoff())
                    .where(CONSUMER.eq(consumer))
                    .and(HORIZON.isNull().or(HORIZON.lt(row.cutoff())))
                    .execute());
  }

  /**
   * Returns for each consumer up to when its rows may go, by its window and retention of now and by
   * the horizon that was published. Locks the consumers' rows until the transaction ends, so that
   * nobody lengthens a window in the middle of a batch; those who do so wait for its end.
   */
  SortedMap<String, OffsetDateTime> cutoffs(Connection connection, OffsetDateTime started) {
    SortedMap<String, OffsetDateTime> cutoffs = new TreeMap<>();
    wanted(connection, started, true)
        .forEach(
            (consumer, row) -> {
              if (row.horizon() != null) { // else it was registered after the run began
                cutoffs.put(
                    consumer, row.horizon().isBefore(row.cutoff()) ? row.horizon() : row.cutoff());
              }
            });
    return cutoffs;
  }

  /** What a run that began then would take as cutoffs; locks and changes nothing. */
  SortedMap<String, OffsetDateTime> foreseen(Connection connection, OffsetDateTime started) {
    SortedMap<String, OffsetDateTime> cutoffs = new TreeMap<>();
    wanted(connection, started, false)
        .forEach((consumer, row) -> cutoffs.put(consumer, row.cutoff()));
    return cutoffs;
  }

  private record Wanted(OffsetDateTime cutoff, @Nullable OffsetDateTime horizon) {}

  private SortedMap<String, Wanted> wanted(
      Connection connection, OffsetDateTime started, boolean lock) {
    RetentionRows.Kept kept = retention.ofConsumers(connection);
    SelectWhereStep<Record3<String, Long, OffsetDateTime>> query =
        database.on(connection).select(CONSUMER, WINDOW, HORIZON).from(consumers);
    List<Record3<String, Long, OffsetDateTime>> rows =
        !lock
            ? query.orderBy(CONSUMER).fetch()
            : database.isPostgres()
                ? query.orderBy(CONSUMER).forShare().fetch()
                : query.orderBy(CONSUMER).forUpdate().fetch();
    SortedMap<String, Wanted> wanted = new TreeMap<>();
    for (Record3<String, Long, OffsetDateTime> row : rows) {
      Duration window = Duration.ofSeconds(row.value2());
      Duration keep = kept.atLeast(row.value1(), window);
      wanted.put(row.value1(), new Wanted(started.minus(keep).minus(margin), row.value3()));
    }
    return wanted;
  }
}
