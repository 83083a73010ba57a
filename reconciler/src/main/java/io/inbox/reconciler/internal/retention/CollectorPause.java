package io.inbox.reconciler.internal.retention;

import io.inbox.reconciler.internal.database.Database;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/**
 * Waits for the batch that a collector may be in the middle of. Each batch holds the row of its job
 * from before it reads what it must keep until it commits: so whoever has committed something to
 * keep, and then got that row, knows that every later batch has read it.
 */
public final class CollectorPause {
  /** The job's name. */
  public static final String JOB = "gc";

  private static final Field<String> NAME = DSL.field(DSL.name("job"), SQLDataType.VARCHAR);

  private CollectorPause() {}

  /** Waits. Locks the job's row for a moment, by its primary key; waits for it at most 10 s. */
  public static void await(Database database) {
    Table<Record> jobs = database.table("job");
    database.transaction(
        connection -> {
          if (database.isPostgres()) {
            database.on(connection).execute("SET LOCAL lock_timeout = '10s'");
          }
          return database
              .on(connection)
              .select(NAME)
              .from(jobs)
              .where(NAME.eq(JOB))
              .forUpdate()
              .fetch()
              .size();
        });
  }
}
