package io.inbox.reconciler.internal.jobs;

import io.inbox.reconciler.JobStatus;
import io.inbox.reconciler.internal.database.Database;
import io.inbox.spi.SqlError;
import java.sql.Connection;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.UpdateSetMoreStep;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jooq.types.DayToSecond;
import org.jspecify.annotations.Nullable;

/** The rows of the jobs. Every change but the first checks the epoch, by the primary key. */
public final class JobRows {
  static final Field<String> JOB = text("job");
  static final Field<String> OWNER = text("owner");
  static final Field<Long> EPOCH = DSL.field(DSL.name("epoch"), SQLDataType.BIGINT);
  static final Field<OffsetDateTime> LEASE_UNTIL = time("lease_until");
  static final Field<Long> EVERY_SECONDS = DSL.field(DSL.name("every_seconds"), SQLDataType.BIGINT);
  static final Field<OffsetDateTime> REGISTERED_AT = time("registered_at");
  static final Field<OffsetDateTime> STARTED_AT = time("started_at");
  static final Field<OffsetDateTime> FINISHED_AT = time("finished_at");
  static final Field<OffsetDateTime> SUCCEEDED_AT = time("succeeded_at");
  static final Field<String> OUTCOME = text("outcome");
  static final Field<String> DETAIL = text("detail");
  static final Field<String> CHECKPOINT = text("checkpoint");

  private final Database database;
  private final Table<Record> jobs;

  public JobRows(Database database) {
    this.database = database;
    this.jobs = database.table("job");
  }

  /**
   * An ownership.
   *
   * @param epoch its number
   * @param checkpoint where to go on
   */
  record Taken(long epoch, @Nullable String checkpoint) {}

  /** Returns all jobs. */
  public List<JobRow> list(Connection connection) {
    OffsetDateTime now = database.now(connection);
    return database.on(connection).selectFrom(jobs).orderBy(JOB).fetch(row -> new JobRow(row, now));
  }

  /** Returns one job; locks nothing. */
  public Optional<JobRow> find(Connection connection, String job) {
    OffsetDateTime now = database.now(connection);
    return database
        .on(connection)
        .selectFrom(jobs)
        .where(JOB.eq(job))
        .fetchOptional(row -> new JobRow(row, now));
  }

  /** Names a job, and says how often it is expected to succeed. */
  public void register(String job, @Nullable Duration every) {
    try {
      database.attempt(connection -> insert(connection, job));
    } catch (Exception e) {
      if (SqlError.of(e) != SqlError.UNIQUE_VIOLATION) { // another node has just named it
        throw database.translated(e);
      }
    }
    if (every != null) {
      database.transaction(
          connection ->
              database
                  .on(connection)
                  .update(jobs)
                  .set(EVERY_SECONDS, every.toSeconds())
                  .where(JOB.eq(job))
                  .execute());
    }
  }

  private int insert(Connection connection, String job) {
    DSLContext dsl = database.on(connection);
    return dsl.insertInto(jobs, JOB)
        .select(
            DSL.select(DSL.val(job, JOB))
                .whereNotExists(DSL.selectOne().from(jobs).where(JOB.eq(job))))
        .execute();
  }

  /**
   * Takes a job that nobody owns, or whose owner's lease is over, under a new epoch. Waits while
   * the row is locked: by an owner that is fencing a transaction right now, which then has it; the
   * condition is checked again once the lock is granted.
   *
   * @param seen the epoch under which it must still be; null for any
   */
  Optional<Taken> take(
      Connection connection, String job, String owner, Duration lease, @Nullable Long seen) {
    DSLContext dsl = database.on(connection);
    if (database.isPostgres()) {
      dsl.execute("SET LOCAL lock_timeout = '2s'"); // as long as H2 waits by default
    }
    Condition free = OWNER.isNull().or(LEASE_UNTIL.isNull()).or(LEASE_UNTIL.le(database.now()));
    int taken =
        dsl.update(jobs)
            .set(OWNER, owner)
            .set(EPOCH, EPOCH.plus(1))
            .set(LEASE_UNTIL, after(lease))
            .set(STARTED_AT, database.now())
            .where(JOB.eq(job))
            .and(free)
            .and(seen == null ? DSL.noCondition() : EPOCH.eq(seen))
            .execute();
    return taken == 0
        ? Optional.empty()
        : dsl.select(EPOCH, CHECKPOINT)
            .from(jobs)
            .where(JOB.eq(job))
            .fetchOptional(row -> new Taken(row.value1(), row.value2()));
  }

  /**
   * Renews the lease, even one that is over, as long as nobody has taken the job; locks the row
   * until the transaction ends. Returns whether the job is still owned under this epoch.
   */
  boolean renew(Connection connection, String job, long epoch, Duration lease) {
    return owned(connection, job, epoch, lease, null) == 1;
  }

  /** The same, and writes the checkpoint. */
  boolean checkpoint(
      Connection connection, String job, long epoch, Duration lease, String checkpoint) {
    return owned(connection, job, epoch, lease, checkpoint) == 1;
  }

  private int owned(
      Connection connection, String job, long epoch, Duration lease, @Nullable String checkpoint) {
    UpdateSetMoreStep<Record> update =
        database.on(connection).update(jobs).set(LEASE_UNTIL, after(lease));
    if (checkpoint != null) {
      update = update.set(CHECKPOINT, checkpoint);
    }
    return update.where(JOB.eq(job)).and(EPOCH.eq(epoch)).and(OWNER.isNotNull()).execute();
  }

  /** Gives the job back and records how the run ended. Returns whether it was still owned. */
  boolean finish(
      Connection connection,
      String job,
      long epoch,
      JobStatus.Outcome outcome,
      @Nullable String detail) {
    // That of the transaction, which is the same however often it is asked for.
    Field<OffsetDateTime> now = DSL.currentOffsetDateTime();
    UpdateSetMoreStep<Record> update =
        database
            .on(connection)
            .update(jobs)
            .setNull(OWNER)
            .setNull(LEASE_UNTIL)
            .set(FINISHED_AT, now)
            .set(OUTCOME, outcome.name())
            .set(DETAIL, detail);
    if (outcome == JobStatus.Outcome.SUCCEEDED) {
      update = update.set(SUCCEEDED_AT, now).setNull(CHECKPOINT);
    }
    return update.where(JOB.eq(job)).and(EPOCH.eq(epoch)).and(OWNER.isNotNull()).execute() == 1;
  }

  private Field<OffsetDateTime> after(Duration lease) {
    return database.now().add(DSL.inline(DayToSecond.valueOf(lease)));
  }

  private static Field<String> text(String name) {
    return DSL.field(DSL.name(name), SQLDataType.VARCHAR);
  }

  private static Field<OffsetDateTime> time(String name) {
    return DSL.field(DSL.name(name), SQLDataType.TIMESTAMPWITHTIMEZONE);
  }
}
