package io.inbox.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** The work of the program on one table: each method does it from all threads and times it. */
final class LayoutRun {
  /** Time and write-ahead log of one piece of work. */
  record Cost(long rows, double seconds, long walBytes) {
    double perSecond() {
      return rows / seconds;
    }

    double walPerRow() {
      return (double) walBytes / rows;
    }
  }

  /** Time until a scan gave its first row, and its last. */
  record Scan(double firstSeconds, double totalSeconds) {}

  private interface Work {
    void run(Connection connection, AtomicLong next, long end) throws SQLException;
  }

  private final Layout layout;
  private final MessageIds ids;
  private final DurablePostgres server;
  private final ExecutorService threads;
  private final int threadCount;
  private long rows;

  LayoutRun(
      Layout layout,
      MessageIds ids,
      DurablePostgres server,
      ExecutorService threads,
      int threadCount) {
    this.layout = layout;
    this.ids = ids;
    this.server = server;
    this.threads = threads;
    this.threadCount = threadCount;
  }

  Layout layout() {
    return layout;
  }

  /** New keys, {@code size} to a statement and a commit. */
  Cost claimBatches(long count, int size) throws SQLException, InterruptedException {
    return claimNew(
        count,
        (connection, next, end) -> {
          try (PreparedStatement batch = connection.prepareStatement(layout.claimBatch())) {
            for (long at; (at = next.getAndAdd(size)) < end; ) {
              String[] messageIds = new String[(int) Math.min(size, end - at)];
              for (int i = 0; i < messageIds.length; i++) {
                messageIds[i] = ids.at(at + i);
              }
              layout.bindBatch(connection, batch, messageIds);
              expect(messageIds.length, drain(batch));
            }
          }
        });
  }

  /** New keys, a commit for each. */
  Cost claimOneByOne(long count) throws SQLException, InterruptedException {
    return claimNew(
        count,
        (connection, next, end) -> {
          try (PreparedStatement claim = connection.prepareStatement(layout.claim())) {
            for (long at; (at = next.getAndIncrement()) < end; ) {
              layout.bindClaim(claim, ids.at(at));
              expect(1, claim.executeUpdate());
            }
          }
        });
  }

  /** Keys that are there, chosen uniformly: the claim inserts nothing. */
  Cost claimDuplicates(long count) throws SQLException, InterruptedException {
    return inParallel(
        0,
        count,
        (connection, next, end) -> {
          RandomGenerator random = seeded();
          try (PreparedStatement claim = connection.prepareStatement(layout.claim())) {
            while (next.getAndIncrement() < end) {
              layout.bindClaim(claim, ids.at(random.nextLong(rows)));
              expect(0, claim.executeUpdate());
            }
          }
        });
  }

  /** What follows a duplicate claim: the row of the first delivery is read. */
  Cost readWinners(long count) throws SQLException, InterruptedException {
    return inParallel(
        0,
        count,
        (connection, next, end) -> {
          RandomGenerator random = seeded();
          try (PreparedStatement winner = connection.prepareStatement(layout.winner())) {
            while (next.getAndIncrement() < end) {
              layout.bindWinner(winner, ids.at(random.nextLong(rows)));
              expect(1, drain(winner));
            }
          }
        });
  }

  /** All message ids of the table in byte order, streamed. */
  Scan scan() throws SQLException {
    try (Connection connection = server.dataSource().getConnection()) {
      connection.setAutoCommit(false); // pgjdbc streams only inside a transaction
      try (PreparedStatement scan = connection.prepareStatement(layout.scan())) {
        scan.setFetchSize(10_000);
        layout.bindScan(scan);
        long start = System.nanoTime();
        try (ResultSet results = scan.executeQuery()) {
          double first = secondsSince(start);
          long count = 0;
          String previous = "";
          while (results.next()) {
            String id = results.getString(1);
            if (previous.compareTo(id) >= 0) {
              throw new IllegalStateException(layout + ": " + previous + " came before " + id);
            }
            previous = id;
            count++;
          }
          expect(rows, count);
          return new Scan(first, secondsSince(start));
        }
      } finally {
        connection.rollback();
        connection.setAutoCommit(true);
      }
    }
  }

  long heapBytes() throws SQLException {
    return server.number("SELECT pg_table_size('" + layout.table() + "')");
  }

  long indexBytes() throws SQLException {
    return server.number("SELECT pg_indexes_size('" + layout.table() + "')");
  }

  private Cost claimNew(long count, Work work) throws SQLException, InterruptedException {
    Cost cost = inParallel(rows, rows + count, work);
    rows += count;
    return cost;
  }

  private Cost inParallel(long from, long end, Work work)
      throws SQLException, InterruptedException {
    AtomicLong next = new AtomicLong(from);
    Callable<Boolean> worker =
        () -> {
          try (Connection connection = server.dataSource().getConnection()) {
            work.run(connection, next, end);
          }
          return true;
        };
    List<Callable<Boolean>> workers = new ArrayList<>();
    for (int i = 0; i < threadCount; i++) {
      workers.add(worker);
    }
    long wal = server.walBytes();
    long start = System.nanoTime();
    for (Future<Boolean> done : threads.invokeAll(workers)) {
      try {
        done.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException("a worker failed on " + layout, e.getCause());
      }
    }
    double seconds = secondsSince(start);
    return new Cost(end - from, seconds, server.walBytes() - wal);
  }

  private static RandomGenerator seeded() {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(Thread.currentThread().getId());
  }

  private static int drain(PreparedStatement statement) throws SQLException {
    try (ResultSet results = statement.executeQuery()) {
      int count = 0;
      while (results.next()) {
        count++;
      }
      return count;
    }
  }

  private static double secondsSince(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static void expect(long expected, long actual) {
    if (expected != actual) {
      throw new IllegalStateException("expected " + expected + " rows, got " + actual);
    }
  }
}
