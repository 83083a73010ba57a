package io.inbox.benchmarks;

import io.inbox.Inbox;
import io.inbox.migrations.InboxMigrations;
import io.inbox.postgres.PostgresStore;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the library does over a grid of batch sizes, shares of redeliveries, threads and orders of
 * keys, each cell on a table that starts empty; then some of it again while another session holds a
 * transaction open. For reading, not for bars: a cell is short.
 */
final class Matrix {
  private static final int[] BATCHES = {1, 10, 100, 1000};
  private static final double[] DUPLICATES = {0, 0.01, 0.5};
  private static final int[] THREADS = {1, 8};
  private static final int MOST_THREADS = 8;

  private final DurablePostgres server;
  private final Inbox inbox;
  private final int millis;
  private final List<Map<String, Object>> cells = new ArrayList<>();

  private Matrix(DurablePostgres server, Inbox inbox, int millis) {
    this.server = server;
    this.inbox = inbox;
    this.millis = millis;
  }

  /** A cell of the grid. */
  private record Cell(
      int batch, double duplicates, int threads, MessageIds order, boolean openTransaction) {}

  /** Puts its figures into the results. */
  static void run(int millis, Results results) throws Exception {
    try (DurablePostgres server = DurablePostgres.start(MOST_THREADS, "512MB")) {
      InboxMigrations.on(server.unpooled()).migrate();
      Books.create(server, MOST_THREADS);
      OpenTransaction.create(server);
      Map<String, Object> details = new LinkedHashMap<>();
      details.put("settings", server.settings());
      Map<String, Object> machine = Results.machine(server);
      machine.put("slice_ms", millis);
      machine.put("load_average_before", Results.load());
      try (Inbox inbox =
          Inbox.builder("library", PostgresStore.create(), server.dataSource()).build()) {
        Matrix matrix = new Matrix(server, inbox, millis);
        matrix.measure();
        details.put("cells", matrix.cells);
      }
      machine.put("load_average_after", Results.load());
      details.put("machine", machine);
      results.put("matrix", details);
    }
  }

  private void measure() throws Exception {
    System.out.printf(
        Locale.ROOT,
        "%n%6s %5s %3s %-12s %5s %10s %9s %9s %8s %9s %8s %8s %8s%n",
        "batch",
        "dup",
        "thr",
        "keys",
        "open",
        "msg/s",
        "p50 ms",
        "p99 ms",
        "WAL B",
        "commits",
        "row B",
        "dead",
        "alloc B");
    for (MessageIds order : MessageIds.values()) {
      for (int threads : THREADS) {
        for (int batch : BATCHES) {
          for (double duplicates : DUPLICATES) {
            cell(new Cell(batch, duplicates, threads, order, false));
          }
        }
      }
    }
    OpenTransaction open = OpenTransaction.begin(server, connection -> {});
    try {
      for (MessageIds order : MessageIds.values()) {
        for (int batch : new int[] {1, Arena.BATCH}) {
          for (double duplicates : DUPLICATES) {
            cell(new Cell(batch, duplicates, MOST_THREADS, order, true));
          }
        }
      }
    } finally {
      open.end();
    }
  }

  private void cell(Cell cell) throws Exception {
    server.execute("TRUNCATE inbox.message");
    server.execute("VACUUM account");
    server.execute("CHECKPOINT");
    Contender library =
        new DuplicatesContender(
            cell.toString(), inbox, cell.batch(), cell.duplicates(), cell.order());
    try (Load load = new Load(new Feed(), cell.threads())) {
      Load.Seen warm = load.forMillis(library, millis);
      Counters before = counters();
      Load.Seen seen = load.forMillis(library, millis);
      Counters after = counters();
      long keys = server.number("SELECT count(*) FROM inbox.message");
      long bytes = server.number("SELECT pg_total_relation_size('inbox.message')");
      audit(cell, keys, warm.messages() + seen.messages());
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("batch", cell.batch());
      row.put("duplicates", cell.duplicates());
      row.put("threads", cell.threads());
      row.put("keys", cell.order().name());
      row.put("open_transaction", cell.openTransaction());
      row.put("messages_per_second", Math.round(seen.perSecond()));
      row.put("p50_ms", Results.round(seen.millis(0.5)));
      row.put("p99_ms", Results.round(seen.millis(0.99)));
      row.put("wal_bytes_per_message", perMessage(after.wal - before.wal, seen));
      // Reading the counters commits, too.
      row.put(
          "commits_per_message",
          perMessage(after.commits - before.commits - MOST_THREADS - 1, seen));
      row.put("heap_and_index_bytes_per_key", Math.round((double) bytes / keys));
      row.put("dead_tuples", after.dead);
      row.put("allocated_bytes_per_message", Math.round(seen.allocatedPerMessage()));
      cells.add(row);
      print(row);
    }
  }

  private static double perMessage(long count, Load.Seen seen) {
    return Results.round((double) count / seen.messages());
  }

  private static void print(Map<String, Object> row) {
    System.out.printf(
        Locale.ROOT,
        "%6s %5s %3s %-12s %5s %10s %9s %9s %8s %9s %8s %8s %8s%n",
        row.values().toArray());
  }

  /** Throws unless duplicates, and only they, were left out. */
  private static void audit(Cell cell, long keys, long delivered) {
    boolean some = cell.duplicates() > 0 && delivered > 2 * cell.threads() / cell.duplicates();
    if (keys > delivered || (cell.duplicates() == 0 && keys != delivered)) {
      throw new IllegalStateException(cell + ": " + keys + " keys of " + delivered);
    }
    if (some && keys == delivered) {
      throw new IllegalStateException(cell + ": nothing was redelivered of " + delivered);
    }
  }

  /** Of the server, since it was started; dead rows are those of the inbox and of the accounts. */
  private record Counters(long wal, long commits, long dead) {}

  /**
   * Sessions report what they did when they like, at the latest when they are told to and have read
   * a table.
   */
  private Counters counters() throws SQLException {
    server.ofEverySession("SELECT pg_stat_force_next_flush(), count(*) FROM bystander");
    String[] counters =
        server
            .text(
                """
                SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint || ' '
                  || (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()) || ' '
                  || (SELECT sum(n_dead_tup) FROM pg_stat_user_tables WHERE relname IN ('message', 'account'))""")
            .split(" ", -1);
    return new Counters(
        Long.parseLong(counters[0]), Long.parseLong(counters[1]), Long.parseLong(counters[2]));
  }
}
