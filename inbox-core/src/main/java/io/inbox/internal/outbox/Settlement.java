package io.inbox.internal.outbox;

import io.inbox.spi.OutboxStatements;
import io.inbox.spi.OutboxStatements.Appenders;
import io.inbox.spi.OutboxStatements.Range;
import io.inbox.spi.OutboxStatements.Row;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Moves the bound below which a slot need not be read any more.
 *
 * <p>Without a bound each reading passes all rows that were deleted and not vacuumed yet, and while
 * any transaction of the cluster is old they cannot be vacuumed: the relay would get slower with
 * every row. But a bound that is too high skips a row for ever, because a transaction may commit
 * long after it has drawn its ids, whatever its transaction id is.
 *
 * <p>What is certain: an INSERT locks the table before it draws an id and until its transaction
 * ends, and ids are drawn in order. So (1) look for the newest row that is visible: all ids up to
 * its own have been drawn; (2) ask who holds that lock; (3) once all of those have ended, whoever
 * commits a row up to that id has committed it: the id is settled. (4) A reading from then on shows
 * whatever there is up to the settled id, and what it shows is dealt with for good. Of a backlog
 * the newest row is far ahead, so one look serves many readings.
 *
 * <p>A transaction that lasts would hold the bound back all the while. It is left out instead, and
 * after every reading it is looked whether it still runs: then none of its rows was visible in that
 * reading, nor any row of a transaction that waited for one of its locks. Once it has ended the
 * bound goes back to where it was, and what was read is read again.
 *
 * <p>Used by one worker.
 */
final class Settlement {
  private static final int CHECKS = 4;

  private final OutboxStatements statements;
  private final int threshold;

  /** Transactions that are left out because they last, with the bounds that hold for them. */
  private final Map<String, Map<Integer, Long>> lasting = new HashMap<>();

  /** No row at or below it becomes visible any more, but those of lasting transactions. */
  private long settled = Long.MIN_VALUE;

  /** The id that is settled when the holders have ended. */
  private long drawn = Long.MIN_VALUE;

  private @Nullable Appenders holders;
  private int checks;
  private int unsettled;

  Settlement(OutboxStatements statements, int threshold) {
    this.statements = statements;
    this.threshold = threshold;
  }

  /** Before a reading: step 3. */
  void beforeReading(Connection connection, Collection<OwnedSlot> slots) throws SQLException {
    if (holders == null) {
      return;
    }
    holders = left(holders, statements.appenders(connection).orElseThrow());
    Set<String> awaited = awaited();
    if (!awaited.isEmpty() && ++checks >= CHECKS) {
      Map<Integer, Long> bounds = new HashMap<>();
      slots.forEach(slot -> bounds.put(slot.slot, slot.low));
      awaited.forEach(name -> lasting.put(name, bounds));
      awaited = Set.of();
    }
    if (awaited.isEmpty()) {
      settle();
    }
  }

  private void settle() {
    settled = drawn;
    holders = null;
  }

  /**
   * After a reading: returns whether it may be used. If a transaction that was left out has ended
   * since, its rows may have been passed over while later ones of their keys were read: then the
   * bounds go back to where they were for it, to read again.
   */
  boolean stands(Connection connection, Collection<OwnedSlot> slots) throws SQLException {
    if (lasting.isEmpty()) {
      return true;
    }
    Appenders now = statements.appenders(connection).orElseThrow();
    Set<String> over = new HashSet<>(lasting.keySet());
    over.removeAll(now.running());
    over.removeAll(now.prepared());
    for (String name : over) {
      Map<Integer, Long> bounds = lasting.getOrDefault(name, Map.of());
      lasting.remove(name);
      for (OwnedSlot slot : slots) {
        slot.low = Math.min(slot.low, bounds.getOrDefault(slot.slot, Long.MIN_VALUE));
      }
      // It may have been prepared for two-phase commit and not have ended: begin again.
      settled = Long.MIN_VALUE;
      holders = null;
      unsettled = threshold;
    }
    return over.isEmpty();
  }

  private Set<String> awaited() {
    Set<String> awaited = new HashSet<>();
    if (holders != null) {
      awaited.addAll(holders.running());
      awaited.addAll(holders.prepared());
    }
    awaited.removeAll(lasting.keySet());
    return awaited;
  }

  /** One that runs no more may have been prepared for two-phase commit, under another name. */
  private static Appenders left(Appenders before, Appenders now) {
    Set<String> running = new HashSet<>(before.running());
    running.retainAll(now.running());
    Set<String> prepared = new HashSet<>(before.prepared());
    prepared.retainAll(now.prepared());
    if (running.size() < before.running().size()) {
      prepared.addAll(now.prepared());
    }
    return new Appenders(running, prepared);
  }

  /** After what was read has been dealt with: step 4, and steps 1 and 2 of the next round. */
  void dealtWith(
      Connection connection,
      Collection<OwnedSlot> slots,
      List<Row> rows,
      Set<Long> gone,
      int rowsPerSlot)
      throws SQLException {
    Map<Integer, Reading> readings = new HashMap<>();
    for (Row row : rows) {
      boolean dealtWith = gone.contains(row.id());
      unsettled += dealtWith && row.id() > settled ? 1 : 0;
      readings.computeIfAbsent(row.slot(), unused -> new Reading()).add(row, dealtWith);
    }
    for (OwnedSlot slot : slots) {
      Reading reading = readings.getOrDefault(slot.slot, new Reading());
      boolean complete = reading.rows < rowsPerSlot && !reading.stopped;
      slot.low = Math.max(slot.low, complete ? settled : Math.min(settled, reading.reached));
      slot.reached = Math.max(slot.reached, reading.reached);
    }
    if (holders == null && unsettled >= threshold) {
      begin(connection, slots);
    }
  }

  private void begin(Connection connection, Collection<OwnedSlot> slots) throws SQLException {
    List<Range> beyond = new ArrayList<>();
    for (OwnedSlot slot : slots) {
      drawn = Math.max(drawn, slot.reached);
      beyond.add(new Range(slot.slot, slot.epoch, Math.max(slot.low, slot.reached)));
    }
    drawn = Math.max(drawn, statements.newest(connection, beyond).orElse(drawn));
    holders = statements.appenders(connection).orElse(null); // after the look at the newest
    unsettled = 0;
    checks = 0;
    if (holders != null && awaited().isEmpty()) {
      settle();
    }
  }

  /** Forgets the bounds of slots: rows that were passed over are wanted now. */
  void restart(Collection<OwnedSlot> slots) {
    for (OwnedSlot slot : slots) {
      slot.low = Long.MIN_VALUE;
      slot.reached = Long.MIN_VALUE;
    }
  }

  /** The rows of one slot in one reading, in order. */
  private static final class Reading {
    private int rows;
    private boolean stopped;
    private long reached = Long.MIN_VALUE;

    void add(Row row, boolean dealtWith) {
      rows++;
      stopped |= !dealtWith;
      if (!stopped) {
        reached = row.id();
      }
    }
  }
}
