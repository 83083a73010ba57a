package io.inbox.internal.outbox;

import io.inbox.internal.outbox.Verdict.Block;
import io.inbox.internal.outbox.Verdict.Letter;
import io.inbox.outbox.PublishResult;
import io.inbox.spi.OutboxStatements;
import io.inbox.spi.OutboxStatements.Row;
import io.inbox.spi.RelayListener;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what a cycle decided, in one transaction that holds the slots under their epochs, so that
 * a relay that was paused past its lease changes nothing any more.
 */
final class Outcomes {
  private static final Logger LOG = LoggerFactory.getLogger("io.inbox.outbox.Relay");

  private final RelayOptions options;
  private final String owner;
  private final Connections connections;
  private final OutboxStatements statements;
  private final LeaseRows leases;
  private final ParkedRows parked;
  private final OutboxLetterRows letters;
  private final Runnable lost;

  /** Creates it; {@code lost} is called when a slot seems to belong to another relay. */
  Outcomes(
      RelayOptions options,
      String owner,
      Connections connections,
      LeaseRows leases,
      Runnable lost) {
    this.options = options;
    this.owner = owner;
    this.connections = connections;
    this.statements = options.store.outbox();
    this.leases = leases;
    this.parked = new ParkedRows(options.store);
    this.letters = new OutboxLetterRows(options.store);
    this.lost = lost;
  }

  void apply(Collection<OwnedSlot> slots, Verdict verdict) throws SQLException {
    if (!verdict.progress()) {
      return;
    }
    Map<Integer, Long> epochs = new TreeMap<>();
    slots.forEach(slot -> epochs.put(slot.slot, slot.epoch));
    try {
      if (verdict.simple()) {
        int deleted =
            connections.use(
                connection -> statements.delete(connection, owner, epochs, verdict.gone));
        if (deleted < verdict.gone.size()) {
          lost.run();
        }
      } else {
        write(slots, epochs, verdict);
      }
    } catch (SQLException | RuntimeException | Error e) {
      slots.forEach(slot -> slot.loaded = false); // what became of the lanes is not known
      throw e;
    }
    report(verdict);
  }

  private void write(Collection<OwnedSlot> slots, Map<Integer, Long> epochs, Verdict verdict)
      throws SQLException {
    Map<BlockedLane, Optional<BlockedLane>> lanes = new LinkedHashMap<>();
    Set<Integer> held =
        connections.transaction(
            connection -> {
              Set<Integer> mine = leases.hold(connection, epochs);
              lanes.putAll(write(connection, mine, epochs, verdict));
              return mine;
            });
    Map<Integer, OwnedSlot> bySlot = new HashMap<>();
    slots.forEach(slot -> bySlot.put(slot.slot, slot));
    lanes.forEach(
        (lane, next) -> {
          Map<String, BlockedLane> waiting = slot(bySlot, lane).lanes;
          next.ifPresentOrElse(
              blocked -> waiting.put(lane.lane(), blocked), () -> waiting.remove(lane.lane()));
        });
    if (held.size() < epochs.size()) {
      lost.run();
    }
  }

  private static OwnedSlot slot(Map<Integer, OwnedSlot> bySlot, BlockedLane lane) {
    OwnedSlot slot = bySlot.get(lane.slot());
    if (slot == null) {
      throw new IllegalStateException("slot " + lane.slot() + " is not this worker's");
    }
    return slot;
  }

  /** Returns what each lane has become: nothing, if it waits no more. */
  private Map<BlockedLane, Optional<BlockedLane>> write(
      Connection connection, Set<Integer> held, Map<Integer, Long> epochs, Verdict verdict)
      throws SQLException {
    for (Letter letter : verdict.letters) {
      if (held.contains(letter.entry().slot().slot)) {
        PublishResult result = letter.result();
        String reason =
            result.kind() == PublishResult.Kind.REJECTED ? "REJECTED" : "ATTEMPTS_EXHAUSTED";
        letters.add(connection, letter.entry().row(), reason, letter.attempts(), result.error());
      }
    }
    List<Row> park = verdict.park.stream().filter(row -> held.contains(row.slot())).toList();
    if (!park.isEmpty()) {
      parked.park(connection, park);
    }
    if (!verdict.gone.isEmpty()) {
      statements.delete(connection, owner, epochs, verdict.gone);
    }
    Map<BlockedLane, Optional<BlockedLane>> lanes = new LinkedHashMap<>();
    Set<String> blockedNow = new HashSet<>();
    for (Block block : verdict.blocks) {
      if (held.contains(block.lane().slot())) {
        parked.block(
            connection,
            block.lane(),
            block.entry().message(),
            block.delay(),
            block.result().error());
        lanes.put(block.lane(), Optional.of(block.lane()));
        blockedNow.add(block.lane().lane());
      }
    }
    for (Map.Entry<BlockedLane, List<Row>> done : verdict.unparked.entrySet()) {
      BlockedLane lane = done.getKey();
      if (!held.contains(lane.slot())) {
        continue;
      }
      parked.delete(connection, lane, done.getValue());
      if (!blockedNow.contains(lane.lane())) {
        lanes.put(lane, advance(connection, lane));
      }
    }
    return lanes;
  }

  /** The oldest messages of a lane are gone: the next ones go at once, if there are any. */
  private Optional<BlockedLane> advance(Connection connection, BlockedLane lane) {
    if (parked.empty(connection, lane)) {
      parked.unblock(connection, lane);
      return Optional.empty();
    }
    BlockedLane next = lane.after(0, Duration.ZERO);
    parked.retryNow(connection, next);
    return Optional.of(next);
  }

  private void report(Verdict verdict) {
    if (!verdict.sent.isEmpty()) {
      Instant oldest = verdict.sent.get(0).row().appendedAt();
      for (Entry entry : new ArrayList<>(verdict.sent)) {
        if (entry.row().appendedAt().isBefore(oldest)) {
          oldest = entry.row().appendedAt();
        }
      }
      Duration waited = Duration.between(oldest, Instant.now());
      tell(listener -> listener.published(verdict.sent.size(), waited));
    }
    for (Block block : verdict.blocks) {
      LOG.warn(
          "{} failed, attempt {}: {}; its key waits {}",
          block.entry().message(),
          block.lane().attempts(),
          block.result(),
          block.delay());
      tell(
          listener ->
              listener.failed(block.entry().message(), block.result(), block.lane().attempts()));
    }
    for (Letter letter : verdict.letters) {
      LOG.error(
          "{} was given up after {} attempts: {}; it is in the outbox's dead letters",
          letter.entry().message(),
          letter.attempts(),
          letter.result());
      tell(
          listener ->
              listener.deadLettered(letter.entry().message(), letter.result(), letter.attempts()));
    }
  }

  private void tell(Consumer<RelayListener> event) {
    Listeners.tell(options.listeners, event);
  }
}
