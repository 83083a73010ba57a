package io.inbox.benchmarks;

import io.inbox.migrations.InboxMigrations;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures a relay with nothing to do: how soon it delivers what comes, and what it asks the
 * database meanwhile, as the server counts it.
 */
final class OutboxIdle {
  private static final int CONNECTIONS = 8;
  private static final String CALLS =
      "SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%'";

  private final int samples;
  private final int seconds;

  OutboxIdle(OutboxEffort effort) {
    this.samples = effort.samples();
    this.seconds = effort.idleSeconds();
  }

  void measure(Results results, Map<String, Object> details) throws Exception {
    try (DurablePostgres server = DurablePostgres.startCounting(CONNECTIONS)) {
      server.settings();
      InboxMigrations.on(server.unpooled()).migrate();
      try (LibraryOutbox library = new LibraryOutbox(server)) {
        Delivery delivery = new Delivery();
        OutboxContender.Running relay = library.start(delivery);
        try {
          Delivery.Times times = delivery.measure(library::appendOne, samples);
          deliver("idle_to_delivered", times.delivered(), results);
          deliver("idle_commit", times.returned(), results);
          RemoteAppender remote = RemoteAppender.start(server.url());
          try {
            times = delivery.measure(remote::append, samples);
            deliver("idle_to_delivered_notify", times.delivered(), results);
          } finally {
            remote.stop();
          }
          queries(server, results, details);
        } finally {
          relay.stop();
        }
      }
    }
  }

  private static void deliver(String key, List<Double> millis, Results results) {
    double median = Spread.quantile(millis, 0.5);
    double late = Spread.quantile(millis, 0.99);
    System.out.printf(
        Locale.ROOT,
        "%n%s: p50 %.2f ms, p99 %.2f ms, longest %.2f ms, of %d%n",
        key,
        median,
        late,
        Spread.quantile(millis, 1),
        millis.size());
    results.put(key + "_p50_ms", Results.round(median));
    results.put(key + "_p99_ms", Results.round(late));
  }

  private void queries(DurablePostgres server, Results results, Map<String, Object> details)
      throws Exception {
    pass(seconds / 2); // a relay asks less and less
    server.execute("SELECT pg_stat_statements_reset()");
    long start = System.nanoTime();
    pass(seconds);
    double elapsed = (System.nanoTime() - start) / 1e9;
    double all = server.number(CALLS) / elapsed;
    double own =
        server.number(CALLS + " AND query NOT IN ('BEGIN', 'COMMIT', 'ROLLBACK')") / elapsed;
    System.out.printf(
        Locale.ROOT,
        "%nidle_queries_per_second: %.2f, without BEGIN and COMMIT %.2f; in %d s:%n%s%n",
        all,
        own,
        seconds,
        server.text(
            "SELECT string_agg(calls || ' x ' || left(regexp_replace(query, '\\s+', ' ', 'g'), 90), E'\n' ORDER BY calls DESC)"
                + " FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%'"));
    results.put("idle_queries_per_second", Results.round(all));
    results.put("idle_queries_per_second_without_transaction_control", Results.round(own));
    details.put("idle_seconds", seconds);
  }

  private static void pass(int seconds) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
