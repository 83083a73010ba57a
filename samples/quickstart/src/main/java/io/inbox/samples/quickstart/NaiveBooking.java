package io.inbox.samples.quickstart;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.json.JsonDocument;
import io.inbox.samples.stage.Sql;
import java.sql.SQLException;
import java.time.Duration;

/** Handles a delivery as a service without Inbox does: book what comes, commit, acknowledge. */
final class NaiveBooking implements Booking {
  private static final int ATTEMPTS = 3;
  private static final Duration BACKOFF = Duration.ofMillis(50);

  private final HikariDataSource pool;
  private final Books books;
  private final Pointers pointers;

  private NaiveBooking(HikariDataSource pool, Books books, Pointers pointers) {
    this.pool = pool;
    this.books = books;
    this.pointers = pointers;
  }

  static NaiveBooking open(Consumer.Setting setting) {
    return new NaiveBooking(
        setting.access().pool(2),
        new Books(setting.access().postgres(), setting.number()),
        setting.pointers());
  }

  @Override
  public Result handle(Consumer.Task task) {
    Delivery delivery = task.delivery();
    try {
      Posting posting = Posting.of(JsonDocument.parse(delivery.payload()), pointers);
      Sql.inTransaction(
          pool,
          connection -> {
            books.book(connection, delivery, posting);
            return posting;
          });
      return Result.of(Answer.HANDLED);
    } catch (Posting.UnbookableException e) {
      return task.count() >= ATTEMPTS
          ? Result.of(Answer.DEAD)
          : new Result(Answer.AGAIN, BACKOFF, Sql.firstLine(e));
    } catch (SQLException e) {
      return new Result(Answer.AGAIN, BACKOFF, Sql.firstLine(e));
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
