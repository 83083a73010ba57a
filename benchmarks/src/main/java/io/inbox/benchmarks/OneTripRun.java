package io.inbox.benchmarks;

import static org.jooq.impl.DSL.excluded;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.insertInto;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.param;
import static org.jooq.impl.DSL.table;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.SqlHandler;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.sql.DataSource;
import org.jooq.Field;

/**
 * Measures a handler that is one upsert, sent in one statement with its claim, against claim and
 * upsert by hand in two, and against the upsert alone in autocommit mode, without any dedupe.
 */
final class OneTripRun {
  private static final int THREADS = 8;
  private static final long AMOUNT = 7;
  private static final Field<Long> ID = field(name("id"), Long.class);
  private static final Field<Long> BALANCE = field(name("balance"), Long.class);

  private static final String LIBRARY = "library, one statement";
  private static final String ALONE = "JDBC, no dedupe, autocommit";

  private OneTripRun() {}

  /** Puts its figures into the results. */
  static void run(int sliceMillis, int rounds, Results results)
      throws IOException, SQLException, InterruptedException {
    try (Arena arena = Arena.open(THREADS, true)) {
      Map<String, Object> details = new LinkedHashMap<>();
      details.put("settings", arena.server().settings());
      Map<String, Object> machine = Results.machine(arena.server());
      machine.put("threads", THREADS);
      machine.put("slice_ms", sliceMillis);
      machine.put("rounds", rounds);
      machine.put("load_average_before", Results.load());
      List<Contender> statements = statements(arena);
      Contender two = arena.byHand(Bound.FUNCTIONS, 1, false, "");
      List<Contender> contenders = new ArrayList<>(statements);
      contenders.add(two);
      contenders.add(arena.library(1, false));
      contenders.add(arena.byHand(Bound.NONE, 1, false, ""));
      Rates rates = arena.run(contenders, sliceMillis, rounds);
      machine.put("load_average_after", Results.load());
      rates.print("One upsert for a message", two.label());
      Spread overTwo = rates.ratio(LIBRARY, two.label());
      Spread overNone = rates.ratio(LIBRARY, ALONE);
      System.out.printf(
          Locale.ROOT,
          "oneshot_vs_jdbc = %s (bar 1.30)%noneshot_vs_nodedupe = %s (bar 0.90)%n",
          overTwo,
          overNone);
      results.put("oneshot_vs_jdbc", overTwo);
      results.put("oneshot_vs_nodedupe", overNone);
      details.put("machine", machine);
      details.put("rates", rates.detail(two.label()));
      results.put("oneshot", details);
    }
  }

  /**
   * The ways to do it in one statement: the library, by hand with the claim's wait bounded and not,
   * and without a claim.
   */
  static List<Contender> statements(Arena arena) {
    DataSource pool = arena.server().dataSource();
    return List.of(
        library(LIBRARY, arena.inbox()),
        byHand(pool, Bound.FUNCTIONS),
        byHand(pool, Bound.NONE),
        withoutDedupe(pool));
  }

  /** The library, by a handler that is one query. */
  static Contender library(String label, Inbox inbox) {
    SqlHandler credit =
        inbox.sql(
            insertInto(table(name("account")), ID, BALANCE)
                .values(param("id", Long.class), param("amount", Long.class))
                .onConflict(ID)
                .doUpdate()
                .set(
                    BALANCE,
                    field(name("account", "balance"), Long.class).plus(excluded(BALANCE))));
    return contender(
        label,
        lane -> {
          byte[] nothing = new byte[0];
          Message message = Message.builder(lane.id()).source(Feed.SOURCE).payload(nothing).build();
          Outcome<Void> outcome =
              credit.process(message, Map.of("id", lane.account(), "amount", AMOUNT));
          if (!(outcome instanceof Outcome.Processed)) {
            throw new IllegalStateException("a new message was not processed: " + outcome);
          }
        });
  }

  private static Contender byHand(DataSource pool, Bound bound) {
    String sql =
        "WITH claim AS ("
            + bound.claim(false)
            + (bound == Bound.NONE ? " RETURNING 1" : "")
            + ") INSERT INTO account (id, balance) SELECT ?, ? FROM claim"
            + " ON CONFLICT (id) DO UPDATE SET balance = account.balance + excluded.balance RETURNING 1";
    return contender(
        "JDBC " + bound + ", one statement",
        lane -> {
          try (Connection connection = pool.getConnection();
              PreparedStatement both = connection.prepareStatement(sql)) {
            both.setString(1, "");
            both.setString(2, Feed.SOURCE);
            both.setString(3, lane.id());
            both.setLong(4, lane.account());
            both.setLong(5, AMOUNT);
            try (ResultSet row = both.executeQuery()) {
              if (!row.next()) {
                throw new IllegalStateException("a new key was not claimed");
              }
            }
          }
        });
  }

  private static Contender withoutDedupe(DataSource pool) {
    return contender(
        ALONE,
        lane -> {
          try (Connection connection = pool.getConnection()) {
            Books.credit(connection, lane.account());
          }
        });
  }

  private static Contender contender(String label, Handling handling) {
    return new Contender() {
      @Override
      public String label() {
        return label;
      }

      @Override
      public int handle(Feed.Lane lane) throws Exception {
        handling.handle(lane);
        return 1;
      }
    };
  }

  /** Handles the next message of a lane. */
  @FunctionalInterface
  private interface Handling {
    void handle(Feed.Lane lane) throws Exception;
  }
}
