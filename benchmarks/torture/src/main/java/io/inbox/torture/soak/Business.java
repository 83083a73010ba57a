package io.inbox.torture.soak;

import io.inbox.DeadLetter;
import io.inbox.DeadLetterQuery;
import io.inbox.DeadLetters;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.RetryPolicy;
import io.inbox.Transaction;
import io.inbox.outbox.OutboxMessage;
import io.inbox.postgres.PostgresStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/**
 * Two consumers. Handling a message writes a row into a table without any unique constraint, and
 * appends a message. The business deletes its own old rows, and discards its dead letters, and
 * writes both into the books before they are gone.
 */
final class Business implements AutoCloseable {
  private static final RetryPolicy RETRY =
      RetryPolicy.builder()
          .maxAttempts(3)
          .initialBackoff(Duration.ofMillis(20))
          .maxBackoff(Duration.ofMillis(200))
          .build();

  private final DataSource dataSource;
  private final Timetable times;
  private final Books books;
  private final List<Inbox> inboxes = new ArrayList<>();

  Business(DataSource dataSource, Timetable times, Books books) {
    this.dataSource = dataSource;
    this.times = times;
    this.books = books;
    for (String consumer : Sent.CONSUMERS) {
      inboxes.add(
          Inbox.builder(consumer, PostgresStore.create(), dataSource)
              .window(times.window())
              .retry(RETRY)
              .build());
    }
  }

  /** What a handler throws that is to fail. */
  static final class Planned extends Exception {
    private static final long serialVersionUID = 1L;

    Planned() {
      super("planned", null, false, false);
    }
  }

  Outcome<Void> process(Sent sent) {
    Message message = sent.message();
    int consumer = Sent.consumer(sent.number());
    return inboxes
        .get(consumer)
        .process(message, tx -> handle(Sent.CONSUMERS.get(consumer), List.of(message), tx));
  }

  /** Handles messages of one consumer. */
  List<Outcome<Void>> processBatch(List<Sent> sent) {
    int consumer = Sent.consumer(sent.get(0).number());
    return inboxes
        .get(consumer)
        .processBatch(
            sent.stream().map(Sent::message).toList(),
            (fresh, tx) -> handle(Sent.CONSUMERS.get(consumer), fresh, tx));
  }

  /** Fails after everything was written, so that all of it must be undone. */
  private void handle(String consumer, List<Message> messages, Transaction tx) throws Exception {
    boolean fails = false;
    try (PreparedStatement insert =
        tx.connection()
            .prepareStatement(
                "INSERT INTO effect (consumer, message_id, number) VALUES (?, ?, ?)")) {
      for (Message message : messages) {
        int number = Sent.number(message.payload());
        fails |= books.fails(number);
        insert.setString(1, consumer);
        insert.setString(2, message.id());
        insert.setInt(3, number);
        insert.addBatch();
        tx.outbox()
            .append(OutboxMessage.of(consumer, Sent.key(number), message.payload()), message);
      }
      insert.executeBatch();
    }
    if (fails) {
      throw new Planned();
    }
  }

  /** Deletes what is old and discards what was given up. */
  void tidy() throws SQLException {
    discard();
    try (Connection connection = dataSource.getConnection();
        PreparedStatement delete =
            connection.prepareStatement(
                """
                DELETE FROM effect WHERE booked_at < clock_timestamp() - make_interval(secs => ?)
                RETURNING number""")) {
      delete.setDouble(1, times.effectsKept().toMillis() / 1e3);
      count(delete);
    }
  }

  /** Writes everything into the books that is still there; once, at the end. */
  void countTheRest() throws SQLException {
    discard();
    try (Connection connection = dataSource.getConnection();
        PreparedStatement select = connection.prepareStatement("SELECT number FROM effect")) {
      count(select);
    }
  }

  private void count(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        books.effect(rows.getInt(1));
      }
    }
  }

  private void discard() {
    for (Inbox inbox : inboxes) {
      DeadLetters letters = inbox.deadLetters();
      for (DeadLetter letter : letters.list(DeadLetterQuery.first(1_000))) {
        letter
            .key()
            .ifPresentOrElse(
                key -> books.letter(Integer.parseInt(key.messageId().substring(1))),
                () -> books.unexpected("a dead letter without a key: " + letter));
        letters.discard(letter.id(), "planned");
      }
    }
  }

  @Override
  public void close() {
    inboxes.forEach(Inbox::close);
  }
}
