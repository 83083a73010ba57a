package io.inbox.outbox;

import io.inbox.error.InvalidMessageException;
import io.inbox.spi.SqlError;
import io.inbox.spi.Store;
import io.inbox.spi.Transactions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Hands messages over to the outbox of another database, or of another schema of the same one: a
 * relay there goes on with them. For modules that have tables of their own and no broker between
 * them. Ids, order and headers are kept. Each batch is one transaction. Thread-safe.
 */
public final class JdbcPublisher implements Publisher {
  private final Outbox target;
  private final Transactions transactions;

  private JdbcPublisher(Outbox target, Transactions transactions) {
    this.target = target;
    this.transactions = transactions;
  }

  /**
   * Returns a publisher into the outbox that these transactions reach.
   *
   * @param store with the tables of the receiving module
   * @param transactions on its database
   */
  public static JdbcPublisher into(Store store, Transactions transactions) {
    return into(store, transactions, OutboxSettings.ofDefaults());
  }

  /**
   * The same with other settings. What breaks their limits is rejected: they must take what the
   * sending module appends.
   */
  public static JdbcPublisher into(
      Store store, Transactions transactions, OutboxSettings settings) {
    return new JdbcPublisher(Outbox.open(store, transactions, settings), transactions);
  }

  @Override
  public List<PublishResult> publish(List<OutboxMessage> batch) throws Exception {
    try {
      return transactions.inTransaction(unit -> appendAll(target.in(unit), batch));
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      if (SqlError.in(e).isEmpty()) {
        throw e;
      }
      PublishResult down =
          PublishResult.unavailable("SQLSTATE " + SqlError.in(e).get().getSQLState());
      return batch.stream().map(message -> down).toList();
    }
  }

  private static List<PublishResult> appendAll(OutboxAppender appender, List<OutboxMessage> batch) {
    List<PublishResult> results = new ArrayList<>(batch.size());
    Set<List<String>> stopped = new HashSet<>();
    for (OutboxMessage message : batch) {
      List<String> lane = lane(message);
      if (stopped.contains(lane)) {
        results.add(PublishResult.skipped());
        continue;
      }
      try {
        appender.append(message);
        results.add(PublishResult.sent());
      } catch (InvalidMessageException e) {
        stopped.add(lane);
        results.add(PublishResult.rejected(String.valueOf(e.getMessage())));
      }
    }
    return results;
  }

  static List<String> lane(OutboxMessage message) {
    return List.of(
        message.tenant(), message.topic(), message.key().orElseGet(() -> message.id().toString()));
  }

  @Override
  public void close() {
    target.close();
  }
}
