package io.inbox.internal.outbox;

import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.PublishResult;
import io.inbox.spi.OutboxStatements;
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
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads some of the relay's slots, publishes, and deletes what was published, in cycles: one
 * reading, one call of the publisher without any connection held, one deletion. Only this worker
 * reads and changes the rows of its slots, so a cycle decides about a lane without looking back.
 *
 * <p>Rows are read in the order of their ids from one snapshot. A row that commits late is simply
 * seen later: there is no cursor that could have passed it. Only rows of slots that were this
 * relay's in that snapshot are read, so it sees no key with a gap that another relay has made by
 * moving messages away, whatever the clocks say about the lease. Of two rows of one lane whose
 * transactions held a common lock, the earlier has the smaller id and is visible whenever the later
 * one is.
 */
final class Worker {
  /** So much payload is held in memory at once, but for one message, however large it is. */
  private static final long MOST_BYTES = 8L * 1024 * 1024;

  private static final int LANES_AT_ONCE = 32;
  private static final int ROWS_OF_A_LANE = 64;
  private static final int FEWEST_ROWS = 16;
  private static final int TRIED_WHEN_HALF_OPEN = 3;

  private final RelayOptions options;
  private final String owner;
  private final Connections connections;
  private final OutboxStatements statements;
  private final ParkedRows parked;
  private final Circuits circuits;
  private final Dispatch dispatch;
  private final Outcomes outcomes;
  private final Settlement settlement;
  private int slotsWithRows = 1;
  private boolean quiet;

  Worker(
      RelayOptions options,
      String owner,
      Connections connections,
      Circuits circuits,
      Outcomes outcomes) {
    this.options = options;
    this.owner = owner;
    this.connections = connections;
    this.statements = options.store.outbox();
    this.parked = new ParkedRows(options.store);
    this.circuits = circuits;
    this.dispatch = new Dispatch(options.publisher);
    this.outcomes = outcomes;
    this.settlement = new Settlement(statements, options.batch);
  }

  /**
   * Runs one cycle.
   *
   * @param slots the slots, in use by this worker until it returns
   * @return whether anything was done, so that another cycle is worth while
   */
  boolean cycle(Collection<OwnedSlot> slots) throws SQLException {
    Circuits.View topics = circuits.view();
    settlement.restart(
        slots.stream().filter(slot -> slot.generation != topics.generation()).toList());
    slots.forEach(slot -> slot.generation = topics.generation());
    int rowsPerSlot = rowsPerSlot(slots.size());
    List<Row> rows = new ArrayList<>();
    Verdict verdict = new Verdict(options, circuits);
    List<Entry> entries =
        connections.use(
            connection -> {
              load(connection, slots);
              settlement.beforeReading(connection, slots);
              do {
                rows.clear();
                rows.addAll(read(connection, slots, rowsPerSlot, topics));
              } while (!settlement.stands(connection, slots));
              quiet = rows.isEmpty();
              List<Entry> chosen = due(connection, slots, topics, verdict);
              choose(chosen, slots, rows, topics, verdict);
              return whole(connection, chosen);
            });
    List<Entry> leased = entries.stream().filter(entry -> entry.slot().leased()).toList();
    if (!leased.isEmpty()) {
      List<OutboxMessage> messages = leased.stream().map(Entry::message).toList();
      List<PublishResult> results = dispatch.publish(messages);
      verdict.decide(leased, results);
    }
    outcomes.apply(slots, verdict);
    Set<Long> gone = new HashSet<>(2 * verdict.gone.size());
    verdict.gone.forEach(row -> gone.add(row.id()));
    connections.use(
        connection -> {
          settlement.dealtWith(connection, slots, rows, gone, rowsPerSlot);
          return gone;
        });
    return verdict.progress();
  }

  /** Reads the oldest rows; while there are none, only asks whether there are any. */
  private List<Row> read(
      Connection connection, Collection<OwnedSlot> slots, int rowsPerSlot, Circuits.View topics)
      throws SQLException {
    List<Range> from = slots.stream().map(it -> new Range(it.slot, it.epoch, it.low)).toList();
    if (quiet && !statements.any(connection, from)) {
      return List.of();
    }
    return statements.read(connection, owner, from, rowsPerSlot, topics.closed());
  }

  /**
   * Returns how many rows to read of each slot: a batch in all, if those with rows have enough of
   * them, and never more than a few batches.
   */
  private int rowsPerSlot(int slots) {
    int wanted = options.batch / slotsWithRows + 1;
    int most = Math.max(1, 4 * options.batch / slots);
    return Math.min(most, Math.max(wanted, FEWEST_ROWS));
  }

  private void load(Connection connection, Collection<OwnedSlot> slots) {
    for (OwnedSlot slot : slots) {
      if (!slot.loaded) {
        slot.lanes.clear();
        slot.lanes.putAll(parked.load(connection, slot.slot));
        slot.loaded = true;
      }
    }
  }

  /** Chooses messages of lanes that have waited long enough. */
  private List<Entry> due(
      Connection connection, Collection<OwnedSlot> slots, Circuits.View topics, Verdict verdict) {
    List<Entry> chosen = new ArrayList<>();
    int lanes = 0;
    long bytes = 0;
    for (OwnedSlot slot : slots) {
      for (BlockedLane lane : slot.lanes.values()) {
        boolean tried = lane.due() && !topics.closed().contains(lane.topic());
        if (!tried || lanes == LANES_AT_ONCE || chosen.size() >= options.batch) {
          continue;
        }
        lanes++;
        int most = topics.halfOpen().contains(lane.topic()) ? 1 : ROWS_OF_A_LANE;
        List<Row> waiting = parked.oldest(connection, lane, most);
        if (waiting.isEmpty()) {
          verdict.forsaken(lane);
        }
        for (Row row : waiting) {
          if (bytes > 0 && bytes + row.payloadBytes() > MOST_BYTES) {
            return chosen; // the rest of this lane must not overtake
          }
          chosen.add(new Entry(slot, row, lane.lane(), lane));
          bytes += Math.max(0, row.payloadBytes());
        }
      }
    }
    return chosen;
  }

  /** Chooses messages of the outbox, up to a batch; those of waiting lanes are to wait, too. */
  private void choose(
      List<Entry> chosen,
      Collection<OwnedSlot> slots,
      List<Row> rows,
      Circuits.View topics,
      Verdict verdict) {
    Map<Integer, OwnedSlot> bySlot = new HashMap<>();
    slots.forEach(slot -> bySlot.put(slot.slot, slot));
    Map<String, Map<String, Boolean>> probes = new HashMap<>();
    long bytes = 0;
    boolean full = false;
    int last = -1;
    int withRows = 0;
    for (Row row : rows) {
      if (row.slot() != last) {
        last = row.slot();
        withRows++;
      }
      @Nullable OwnedSlot slot = bySlot.get(row.slot());
      if (slot == null) {
        continue;
      }
      String lane = Lane.of(row.message());
      if (slot.lanes.containsKey(lane)) {
        verdict.behind(row);
        continue;
      }
      // Once one is left behind, so are all: nothing may overtake it in its lane.
      full |= chosen.size() >= options.batch;
      full |= bytes > 0 && bytes + row.payloadBytes() > MOST_BYTES;
      if (!full && tried(row.message().topic(), lane, topics, probes)) {
        chosen.add(new Entry(slot, row, lane, null));
        bytes += Math.max(0, row.payloadBytes());
      }
    }
    slotsWithRows = Math.max(1, withRows);
  }

  /** Of a topic that is half-open, only the first messages of a few lanes are tried. */
  private static boolean tried(
      String topic, String lane, Circuits.View topics, Map<String, Map<String, Boolean>> probes) {
    if (!topics.halfOpen().contains(topic)) {
      return true;
    }
    Map<String, Boolean> lanes = probes.computeIfAbsent(topic, unused -> new HashMap<>());
    return lanes.size() < TRIED_WHEN_HALF_OPEN && lanes.put(lane, true) == null;
  }

  /** Reads the payloads that were left out because they are long. */
  private List<Entry> whole(Connection connection, List<Entry> entries) throws SQLException {
    List<Entry> complete = new ArrayList<>(entries.size());
    Set<String> gaps = new HashSet<>();
    for (Entry entry : entries) {
      if (gaps.contains(entry.lane())) {
        continue;
      }
      if (!entry.row().partial()) {
        complete.add(entry);
        continue;
      }
      Optional<Row> row =
          entry.waiting() == null
              ? statements.readWhole(connection, entry.row())
              : parked.whole(connection, entry.waiting(), entry.row());
      // Gone: another relay has sent it, or moved it away to wait. What follows must not overtake.
      row.ifPresentOrElse(
          found -> complete.add(new Entry(entry.slot(), found, entry.lane(), entry.waiting())),
          () -> gaps.add(entry.lane()));
    }
    return complete;
  }

  /** Interrupts the publisher, now and from now on. May be called by any thread. */
  void interruptPublisher() {
    dispatch.interrupt();
  }

  /** Returns how long until a lane or a topic is to be tried again, at most so long. */
  long nanosToNext(Collection<OwnedSlot> slots, long most) {
    long next = Math.min(most, circuits.nanosToNext());
    Set<String> closedTopics = circuits.view().closed();
    for (OwnedSlot slot : slots) {
      for (BlockedLane lane : slot.lanes.values()) {
        if (!closedTopics.contains(lane.topic())) {
          next = Math.min(next, lane.nanosLeft());
        }
      }
    }
    return next;
  }
}
