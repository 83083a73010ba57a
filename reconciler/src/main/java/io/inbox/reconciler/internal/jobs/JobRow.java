package io.inbox.reconciler.internal.jobs;

import io.inbox.reconciler.JobStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.jooq.Field;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/** A job as its row says. */
public final class JobRow implements JobStatus {
  private final Record row;
  private final Instant readAt;

  JobRow(Record row, OffsetDateTime readAt) {
    this.row = row;
    this.readAt = readAt.toInstant();
  }

  @Override
  public String job() {
    return row.get(JobRows.JOB);
  }

  @Override
  public Optional<String> owner() {
    return leaseUntil()
        .filter(until -> until.isAfter(readAt))
        .flatMap(until -> Optional.ofNullable(row.get(JobRows.OWNER)));
  }

  /** Whoever has the job, also if the lease is over. */
  Optional<String> lastOwner() {
    return Optional.ofNullable(row.get(JobRows.OWNER));
  }

  @Override
  public long epoch() {
    return row.get(JobRows.EPOCH);
  }

  @Override
  public Optional<Instant> leaseUntil() {
    return time(JobRows.LEASE_UNTIL);
  }

  @Override
  public Optional<Duration> every() {
    return Optional.ofNullable(row.get(JobRows.EVERY_SECONDS)).map(Duration::ofSeconds);
  }

  @Override
  public Instant registeredAt() {
    return row.get(JobRows.REGISTERED_AT).toInstant();
  }

  @Override
  public Optional<Instant> startedAt() {
    return time(JobRows.STARTED_AT);
  }

  @Override
  public Optional<Instant> finishedAt() {
    return time(JobRows.FINISHED_AT);
  }

  @Override
  public Optional<Instant> succeededAt() {
    return time(JobRows.SUCCEEDED_AT);
  }

  @Override
  public Optional<Outcome> outcome() {
    return Optional.ofNullable(row.get(JobRows.OUTCOME)).map(Outcome::valueOf);
  }

  @Override
  public Optional<String> detail() {
    return Optional.ofNullable(row.get(JobRows.DETAIL));
  }

  @Override
  public Optional<String> checkpoint() {
    return Optional.ofNullable(row.get(JobRows.CHECKPOINT));
  }

  @Override
  public Instant readAt() {
    return readAt;
  }

  private Optional<Instant> time(Field<OffsetDateTime> field) {
    @Nullable OffsetDateTime time = row.get(field);
    return Optional.ofNullable(time).map(OffsetDateTime::toInstant);
  }

  /** Returns name, owner and outcome. */
  @Override
  public String toString() {
    return job()
        + owner().map(owner -> ", run by " + owner).orElse(", not running")
        + outcome().map(last -> ", last " + last).orElse("");
  }
}
