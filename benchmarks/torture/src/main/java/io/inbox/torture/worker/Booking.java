package io.inbox.torture.worker;

import io.inbox.Message;
import io.inbox.Transaction;
import io.inbox.outbox.OutboxMessage;
import io.inbox.testkit.fault.FaultPoint;
import io.inbox.testkit.fault.FaultPoints.Observer;
import io.inbox.torture.check.Evidence;
import io.inbox.torture.plan.Kind;
import io.inbox.torture.plan.Plan;
import io.inbox.torture.plan.Sent;
import io.inbox.torture.wire.Instruction;
import io.inbox.torture.wire.Saying;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The business: adds each amount to an account, and sends what came of it.
 *
 * <p>Nothing here protects itself: a balance is counted up, {@code applied} has no unique
 * constraint, and the version that goes into what is sent is drawn under the row lock of its
 * account, so that a double, a loss and a wrong order all show.
 */
final class Booking {
  /** The time, as PostgreSQL has it while it executes a statement. */
  static final String DATABASE_MICROS = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

  private final Plan plan;
  private final boolean postgres;
  private final long worker;
  private final Observer observer;
  private final Lines lines;
  private final Faulty faulty;
  private final AtomicLong runs = new AtomicLong();

  Booking(Plan plan, boolean postgres, int worker, Observer observer, Lines lines, Faulty faulty) {
    this.plan = plan;
    this.postgres = postgres;
    this.worker = worker;
    this.observer = observer;
    this.lines = lines;
    this.faulty = faulty;
  }

  /** Returns the number of a run of a handler, which no other has. */
  long attempt() {
    return worker << Evidence.WORKER_SHIFT | runs.incrementAndGet();
  }

  void handle(TaskRun task, List<Message> fresh, Transaction tx) throws Exception {
    long attempt = attempt();
    List<Sent> handled = new ArrayList<>(fresh.size());
    for (Message message : fresh) {
      handled.add(plan.message(Sent.number(message.payload())));
    }
    Entries entries = lock(tx.connection(), handled);
    lines.say(
        new Saying.Handling(
            attempt, entries.lockedAt, handled.stream().mapToInt(Sent::number).toArray()));
    count(tx.connection(), entries);
    observer.reached(FaultPoint.P5_HANDLING, tx.connection());
    Instruction instruction = task.instruction(handled);
    if (instruction == Instruction.SWALLOW) {
      faulty.swallow(tx.connection()); // in the place of what follows
    } else {
      apply(tx, fresh, handled, entries, attempt);
    }
    if (handled.stream().anyMatch(sent -> sent.kind() == Kind.POISON)) {
      throw new IllegalStateException("poison");
    }
    faulty.follow(instruction, tx.connection(), handled.get(0).account());
  }

  /**
   * What happens to the accounts, in the order of their names, as all who lock several take them.
   */
  private static final class Entries {
    private final Map<String, long[]> sums = new TreeMap<>();
    private final Map<String, Long> versions = new TreeMap<>();
    private long lockedAt;

    void add(Sent sent) {
      long[] sum = sums.computeIfAbsent(sent.account(), unused -> new long[2]);
      sum[0] += sent.amount();
      sum[1]++;
    }
  }

  /** Locks the accounts, and asks when: then the transaction was alive, and held its claim. */
  private Entries lock(Connection connection, List<Sent> handled) throws SQLException {
    Entries entries = new Entries();
    handled.forEach(entries::add);
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT id, version, %s FROM account WHERE id = ANY(?) ORDER BY id FOR UPDATE"
                .formatted(postgres ? DATABASE_MICROS : "0"))) {
      statement.setArray(
          1,
          connection.createArrayOf(
              postgres ? "text" : "VARCHAR", entries.sums.keySet().toArray(new String[0])));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          entries.versions.put(rows.getString(1), rows.getLong(2));
          entries.lockedAt = postgres ? rows.getLong(3) : micros();
        }
      }
    }
    return entries;
  }

  /** An H2 database is in this process, and has no other clock. */
  private static long micros() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
  }

  private static void count(Connection connection, Entries entries) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE account SET balance = balance + ?, version = version + ? WHERE id = ?")) {
      for (Map.Entry<String, long[]> entry : entries.sums.entrySet()) {
        statement.setLong(1, entry.getValue()[0]);
        statement.setLong(2, entry.getValue()[1]);
        statement.setString(3, entry.getKey());
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  private void apply(
      Transaction tx, List<Message> fresh, List<Sent> handled, Entries entries, long attempt)
      throws SQLException {
    try (PreparedStatement statement =
        tx.connection()
            .prepareStatement(
                """
                INSERT INTO applied (tenant, consumer, source, message_id, number, account, amount, version,
                  attempt, started_at, ended_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, %s)"""
                    .formatted(postgres ? DATABASE_MICROS : "?"))) {
      for (int i = 0; i < handled.size(); i++) {
        Sent sent = handled.get(i);
        long version = entries.versions.merge(sent.account(), 1L, Long::sum);
        tx.outbox()
            .append(
                OutboxMessage.of(
                    sent.group().consumer(),
                    sent.account(),
                    (version + " " + sent.number() + " " + attempt)
                        .getBytes(StandardCharsets.UTF_8)),
                fresh.get(i));
        statement.setString(1, sent.group().tenant());
        statement.setString(2, sent.group().consumer());
        statement.setString(3, sent.source());
        statement.setString(4, sent.id());
        statement.setInt(5, sent.number());
        statement.setString(6, sent.account());
        statement.setLong(7, sent.amount());
        statement.setLong(8, version);
        statement.setLong(9, attempt);
        statement.setLong(10, entries.lockedAt);
        if (!postgres) {
          statement.setLong(11, micros());
        }
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }
}
