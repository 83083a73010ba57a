package io.inbox.benchmarks;

import io.inbox.Inbox;
import io.inbox.migrations.InboxMigrations;
import io.inbox.postgres.PostgresStore;
import java.lang.management.ManagementFactory;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Handles many messages and looks ten times at what a leak would grow: prepared statements of the
 * sessions, distinct statements the server has seen, connections, threads, heap. Fails if there is
 * more at the end than after the second tenth, by more than a margin.
 */
final class Steady {
  private static final int THREADS = 8;
  private static final int TENTHS = 10;
  private static final double DUPLICATES = 0.1;

  private final DurablePostgres server;

  private Steady(DurablePostgres server) {
    this.server = server;
  }

  /** What there is at one moment, while nobody works. */
  record Sample(
      long messages, long prepared, long statements, long connections, long threads, long heap) {
    private Map<String, Long> figures() {
      Map<String, Long> figures = new LinkedHashMap<>();
      figures.put("prepared_statements", prepared);
      figures.put("distinct_statements", statements);
      figures.put("connections", connections);
      figures.put("threads", threads);
      figures.put("heap_bytes", heap);
      return figures;
    }

    /** Throws if there is more than there was, by more than what comes and goes. */
    void expectNoMoreThan(Sample earlier) {
      expect("prepared statements", earlier.prepared, prepared, THREADS);
      expect("distinct statements", earlier.statements, statements, 5);
      expect("connections", earlier.connections, connections, 0);
      expect("threads", earlier.threads, threads, 2);
      expect("bytes of heap", earlier.heap, heap, earlier.heap / 10 + 2_000_000);
    }

    private void expect(String what, long before, long now, long margin) {
      if (now > before + margin) {
        throw new IllegalStateException(
            "after " + messages + " messages there are " + now + " " + what + ", were " + before);
      }
    }
  }

  /** Puts its samples into the results. */
  static void run(long messages, Results results) throws Exception {
    try (DurablePostgres server = DurablePostgres.startCounting(THREADS)) {
      InboxMigrations.on(server.unpooled()).migrate();
      Books.create(server, THREADS);
      new Steady(server).measure(messages, results);
    }
  }

  private void measure(long messages, Results results) throws Exception {
    List<Sample> samples = new ArrayList<>();
    List<Map<String, Object>> rows = new ArrayList<>();
    Map<String, Object> machine = Results.machine(server);
    machine.put("threads", THREADS);
    machine.put("messages", messages);
    try (Inbox inbox =
            Inbox.builder("library", PostgresStore.create(), server.dataSource()).build();
        Load load = new Load(new Feed(), THREADS)) {
      Contender both = both(inbox);
      long done = 0;
      for (int tenth = 1; tenth <= TENTHS; tenth++) {
        Load.Seen seen = load.messages(both, messages / TENTHS);
        done += seen.messages();
        Sample sample = sample(done);
        samples.add(sample);
        Map<String, Object> row = new LinkedHashMap<>(Map.of("messages", done));
        row.putAll(sample.figures());
        row.put("allocated_bytes_per_message", Math.round(seen.allocatedPerMessage()));
        rows.add(row);
        System.out.printf(Locale.ROOT, "%,d messages/s, %s%n", Math.round(seen.perSecond()), row);
      }
    }
    samples.get(TENTHS - 1).expectNoMoreThan(samples.get(1));
    results.put(
        "steady", Map.of("settings", server.settings(), "machine", machine, "samples", rows));
    results.put(
        "steady_heap_growth",
        Results.round((double) samples.get(TENTHS - 1).heap() / samples.get(1).heap()));
  }

  /** A batch and a single call in turn, a tenth of both redeliveries. */
  private static Contender both(Inbox inbox) {
    MessageIds order = MessageIds.TIME_ORDERED;
    Contender batch = new DuplicatesContender("batch", inbox, Arena.BATCH, DUPLICATES, order);
    Contender single = new DuplicatesContender("process", inbox, 1, DUPLICATES, order);
    return new Contender() {
      @Override
      public String label() {
        return "process and processBatch";
      }

      @Override
      public int handle(Feed.Lane lane) throws Exception {
        return batch.handle(lane) + single.handle(lane);
      }
    };
  }

  private Sample sample(long messages) throws SQLException {
    long prepared = prepared();
    System.gc(); // what is left is what is held
    System.gc();
    return new Sample(
        messages,
        prepared,
        server.number("SELECT count(*) FROM pg_stat_statements"),
        server.number(
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"),
        ManagementFactory.getThreadMXBean().getThreadCount(),
        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
  }

  /** Each session knows only its own. */
  private long prepared() throws SQLException {
    return server.ofEverySession("SELECT count(*) FROM pg_prepared_statements").stream()
        .mapToLong(Long::parseLong)
        .sum();
  }
}
