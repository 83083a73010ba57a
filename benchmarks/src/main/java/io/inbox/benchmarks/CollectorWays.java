package io.inbox.benchmarks;

import io.inbox.Inbox;
import io.inbox.benchmarks.CollectorWay.Cursor;
import io.inbox.postgres.PostgresStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What a way to find rows by their age costs: when they are deleted, and at each claim. */
final class CollectorWays {
  private static final long LONGEST = TimeUnit.SECONDS.toNanos(60);
  private static final int CLAIMS = 20_000;
  private static final int BATCH = 100;

  private final DurablePostgres server;
  private final long rows;
  private final int rounds;

  CollectorWays(DurablePostgres server, long rows, int rounds) {
    this.server = server;
    this.rows = rows;
    this.rounds = rounds;
  }

  /** Deletes half of the rows in each way, in turn; returns rows a second by way. */
  Map<String, Spread> deletions() throws SQLException {
    Map<CollectorWay, List<Double>> rates = new EnumMap<>(CollectorWay.class);
    for (int round = 0; round < rounds; round++) {
      for (CollectorWay way : CollectorWay.values()) {
        server.execute("DROP INDEX IF EXISTS inbox.due_idx");
        DueRows.fill(server, rows);
        way.prepare(server);
        rates.computeIfAbsent(way, unused -> new ArrayList<>()).add(delete(way));
      }
    }
    server.execute("DROP INDEX IF EXISTS inbox.due_idx");
    Map<String, Spread> spreads = new LinkedHashMap<>();
    rates.forEach(
        (way, found) -> {
          spreads.put(way.label, Spread.of(found));
          System.out.printf(
              Locale.ROOT, "  deleted by %-24s %s rows/s%n", way.label, Spread.of(found));
        });
    return spreads;
  }

  private double delete(CollectorWay way) throws SQLException {
    long pages =
        server.number(
            "SELECT pg_relation_size('inbox.message') / current_setting('block_size')::bigint");
    Cursor cursor = new Cursor(pages);
    long start = System.nanoTime();
    long gone = 0;
    try (Connection connection = server.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      while (!cursor.ended() && System.nanoTime() - start < LONGEST) {
        gone += way.batch(connection, cursor);
        connection.commit();
      }
    }
    double rate = gone * 1e9 / (System.nanoTime() - start);
    if (cursor.ended()) {
      DueRows.audit(server, rows);
    } else {
      System.out.println("  " + way.label + " was stopped after " + gone + " rows");
    }
    return rate;
  }

  /** Claims in batches on one thread, with and without each index; returns the time over none. */
  Map<String, Spread> claims() throws SQLException {
    server.execute("DROP INDEX IF EXISTS inbox.due_idx");
    DueRows.fill(server, rows);
    List<CollectorWay> indexed =
        List.of(CollectorWay.TID_RANGES, CollectorWay.BRIN, CollectorWay.BTREE);
    Map<CollectorWay, List<Double>> times = new EnumMap<>(CollectorWay.class);
    Feed.Lane lane = new Feed().lane(0);
    try (Inbox inbox =
        Inbox.builder("claims", PostgresStore.create(), server.dataSource()).build()) {
      Contender library = new InboxContender("processBatch", inbox, BATCH, false);
      for (int round = -1; round < 4 * rounds; round++) {
        for (CollectorWay way : indexed) {
          way.prepare(server);
          double time = claim(library, lane);
          if (round >= 0) {
            times.computeIfAbsent(way, unused -> new ArrayList<>()).add(time);
          }
        }
      }
    }
    server.execute("DROP INDEX IF EXISTS inbox.due_idx");
    Map<String, Spread> spreads = new LinkedHashMap<>();
    List<Double> bare = times.getOrDefault(CollectorWay.TID_RANGES, List.of());
    times.forEach(
        (way, found) -> {
          List<Double> ratios = new ArrayList<>();
          for (int i = 0; i < found.size(); i++) {
            ratios.add(found.get(i) / bare.get(i));
          }
          spreads.put(way.label, Spread.of(ratios));
          System.out.printf(
              Locale.ROOT,
              "  claims in batches of %d with the index for %-24s %s of the time without%n",
              BATCH,
              way.label,
              Spread.of(ratios));
        });
    return spreads;
  }

  private static double claim(Contender library, Feed.Lane lane) throws SQLException {
    long start = System.nanoTime();
    try {
      for (int done = 0; done < CLAIMS; ) {
        done += library.handle(lane);
      }
    } catch (SQLException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    return System.nanoTime() - start;
  }
}
