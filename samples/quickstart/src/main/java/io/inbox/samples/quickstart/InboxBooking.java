package io.inbox.samples.quickstart;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Fingerprint;
import io.inbox.Inbox;
import io.inbox.Outcome;
import io.inbox.RetryPolicy;
import io.inbox.error.RetryLaterException;
import io.inbox.json.CanonicalJson;
import io.inbox.json.JsonDocument;
import io.inbox.samples.stage.Sql;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;

/** Handles a delivery as a service with Inbox does. */
final class InboxBooking implements Booking {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final HikariDataSource pool;
  private final Inbox inbox;
  private final Books books;
  private final Pointers pointers;

  private InboxBooking(HikariDataSource pool, Inbox inbox, Books books, Pointers pointers) {
    this.pool = pool;
    this.inbox = inbox;
    this.books = books;
    this.pointers = pointers;
  }

  static InboxBooking open(Consumer.Setting setting) {
    HikariDataSource pool = setting.access().pool(2);
    return new InboxBooking(
        pool,
        connect(setting.access(), pool, Instant.now().plus(PATIENCE)),
        new Books(setting.access().postgres(), setting.number()),
        setting.pointers());
  }

  private static Inbox connect(Access access, HikariDataSource pool, Instant end) {
    while (true) {
      try {
        return Inbox.builder(RunLog.CONSUMER, access.store(), pool)
            .fingerprint(Fingerprint.canonical(CanonicalJson.create()))
            // A file of webhooks is old by nature: nothing in it is outside the window.
            .window(Duration.ofDays(36_500))
            .maxAhead(Duration.ofDays(36_500))
            .retry(
                RetryPolicy.builder()
                    .maxAttempts(3)
                    .initialBackoff(Duration.ofMillis(50))
                    .maxBackoff(Duration.ofMillis(500))
                    .build())
            .build();
      } catch (RetryLaterException e) {
        // A server that is recovering from a crash, most likely.
        if (Instant.now().isAfter(end)) {
          throw e;
        }
        LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
      }
    }
  }

  @Override
  public Result handle(Consumer.Task task) throws SQLException {
    Delivery delivery = task.delivery();
    Outcome<Void> outcome =
        inbox.process(
            delivery.message(task.count()),
            tx ->
                books.book(
                    tx.connection(),
                    delivery,
                    Posting.of(JsonDocument.parse(delivery.payload()), pointers)));
    if (outcome instanceof Outcome.Failed<Void> failed) {
      return new Result(Answer.AGAIN, failed.retryAfter(), failed.reason().code());
    }
    if (outcome instanceof Outcome.InFlight<Void> busy) {
      return new Result(Answer.AGAIN, busy.retryAfter(), busy.reason().code());
    }
    if (outcome instanceof Outcome.Processed) {
      return Result.of(Answer.HANDLED);
    }
    if (outcome instanceof Outcome.Mismatch) {
      return Result.of(Answer.MISMATCH);
    }
    if (outcome instanceof Outcome.Duplicate) {
      return duplicate(task);
    }
    return Result.of(Answer.DEAD);
  }

  private Result duplicate(Consumer.Task task) {
    if (!task.again()) {
      return Result.of(Answer.DUPLICATE);
    }
    try {
      boolean itself =
          Sql.inTransaction(pool, connection -> Books.madeBy(connection, task.delivery()));
      return Result.of(itself ? Answer.HANDLED_BEFORE : Answer.DUPLICATE);
    } catch (SQLException e) {
      return new Result(Answer.AGAIN, Duration.ofMillis(200), Sql.firstLine(e));
    }
  }

  @Override
  public void close() {
    inbox.close();
    pool.close();
  }
}
