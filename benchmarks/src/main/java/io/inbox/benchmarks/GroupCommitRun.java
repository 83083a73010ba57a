package io.inbox.benchmarks;

import io.inbox.GroupCommit;
import io.inbox.Inbox;
import io.inbox.migrations.InboxMigrations;
import io.inbox.postgres.PostgresStore;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Measures what it brings that concurrent calls of {@code process} share transactions, with many
 * callers on a pool of few connections.
 */
final class GroupCommitRun {
  private static final int CALLERS = 64;
  private static final int POOL = 16;

  private GroupCommitRun() {}

  /** Puts its figures into the results. */
  static void run(int sliceMillis, int rounds, Results results)
      throws IOException, SQLException, InterruptedException {
    try (DurablePostgres server = DurablePostgres.start(POOL, "512MB")) {
      InboxMigrations.on(server.unpooled()).migrate();
      Books.create(server, CALLERS);
      try (Race race = new Race(new Feed(), CALLERS);
          Inbox plain = inbox(server, "plain", null);
          Inbox one = inbox(server, "one", GroupCommit.ofDefaults().transactions(1));
          Inbox shared = inbox(server, "shared", GroupCommit.ofDefaults());
          Inbox four = inbox(server, "four", GroupCommit.ofDefaults().transactions(4))) {
        Contender single = new InboxContender("process", plain, 1, false);
        Contender group = OneTripRun.library("queries, shared by 2", shared);
        List<Contender> contenders = new ArrayList<>();
        contenders.add(single);
        contenders.add(new InboxContender("process, shared by 1", one, 1, false));
        contenders.add(new InboxContender("process, shared by 2", shared, 1, false));
        contenders.add(new InboxContender("process, shared by 4", four, 1, false));
        contenders.add(OneTripRun.library("queries, alone", plain));
        contenders.add(OneTripRun.library("queries, shared by 1", one));
        contenders.add(group);
        contenders.add(OneTripRun.library("queries, shared by 4", four));
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("settings", server.settings());
        Map<String, Object> machine = Results.machine(server);
        machine.put("callers", CALLERS);
        machine.put("pool", POOL);
        machine.put("slice_ms", sliceMillis);
        machine.put("rounds", rounds);
        machine.put("load_average_before", Results.load());
        server.execute("VACUUM (ANALYZE)");
        server.execute("CHECKPOINT");
        Rates rates = race.run(contenders, sliceMillis, rounds);
        audit(server, race);
        machine.put("load_average_after", Results.load());
        rates.print(CALLERS + " callers, " + POOL + " connections", single.label());
        Spread ratio = rates.ratio(group.label(), single.label());
        System.out.println("group_vs_single = " + ratio + " (bar 3)");
        results.put("group_vs_single", ratio);
        details.put("machine", machine);
        details.put("rates", rates.detail(single.label()));
        results.put("group_commit", details);
      }
    }
  }

  private static Inbox inbox(DurablePostgres server, String consumer, @Nullable GroupCommit how) {
    return Inbox.builder(consumer, PostgresStore.create(), server.dataSource())
        .groupCommit(how)
        .build();
  }

  private static void audit(DurablePostgres server, Race race) throws SQLException {
    long keys = server.number("SELECT count(*) FROM inbox.message");
    long booked = Books.handled(server);
    if (keys != race.handled() || booked != race.handled()) {
      throw new IllegalStateException(
          "handled "
              + race.handled()
              + ", but there are "
              + keys
              + " keys and "
              + booked
              + " bookings");
    }
  }
}
