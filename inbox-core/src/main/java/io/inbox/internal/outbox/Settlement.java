package io.inbox.internal.outbox;

import io.inbox.spi.OutboxStatements;
import io.inbox.spi.OutboxStatements.Appenders;
import io.inbox.spi.OutboxStatements.Row;
import java.sql.Connection;
import java.sql.SQLException;
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
 * ends. So (1) read, and deal with all that is visible up to some id; (2) ask who holds that lock;
 * (3) once all of those have ended, whoever commits a row up to that id has committed it; (4) read
 * once more, and deal with that: nothing is left up to the id, nor will there be.
 *
 * <p>Used by one worker.
 */
final class Settlement {
  private final OutboxStatements statements;
  private final int threshold;
  private @Nullable Appenders holders;
  private boolean ended;
  private int gone;

  Settlement(OutboxStatements statements, int threshold) {
    this.statements = statements;
    this.threshold = threshold;
  }

  /** Before a reading: step 3. */
  void beforeReading(Connection connection) throws SQLException {
    if (holders != null && !ended) {
      holders = left(holders, statements.appenders(connection).orElseThrow());
      ended = holders.running().isEmpty() && holders.prepared().isEmpty();
    }
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
    this.gone += gone.size();
    Map<Integer, Reading> readings = new HashMap<>();
    for (Row row : rows) {
      readings
          .computeIfAbsent(row.slot(), unused -> new Reading())
          .add(row, gone.contains(row.id()));
    }
    for (OwnedSlot slot : slots) {
      Reading reading = readings.getOrDefault(slot.slot, new Reading());
      boolean complete = reading.rows < rowsPerSlot && !reading.stopped;
      if (ended && slot.candidate > slot.low && (complete || reading.reached >= slot.candidate)) {
        slot.low = slot.candidate;
      }
      slot.reached = Math.max(slot.reached, reading.reached);
    }
    if (ended) {
      holders = null;
      ended = false;
    }
    if (holders == null && this.gone >= threshold) {
      begin(connection, slots);
    }
  }

  private void begin(Connection connection, Collection<OwnedSlot> slots) throws SQLException {
    holders = statements.appenders(connection).orElse(null);
    gone = 0;
    if (holders != null) {
      for (OwnedSlot slot : slots) {
        slot.candidate = slot.reached;
      }
      ended = holders.running().isEmpty() && holders.prepared().isEmpty();
    }
  }

  /** Forgets the bounds of slots: rows that were passed over are wanted now. */
  void restart(Collection<OwnedSlot> slots) {
    for (OwnedSlot slot : slots) {
      slot.low = Long.MIN_VALUE;
      slot.reached = Long.MIN_VALUE;
      slot.candidate = Long.MIN_VALUE;
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
