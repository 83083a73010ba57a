package io.inbox.internal.outbox;

import io.inbox.outbox.PublishResult;
import io.inbox.outbox.PublishResult.Kind;
import io.inbox.outbox.WhenExhausted;
import io.inbox.spi.OutboxStatements.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is to become of the rows of one cycle, decided from the publisher's results. */
final class Verdict {
  private static final Logger LOG = LoggerFactory.getLogger(Verdict.class);

  /** Rows of the outbox that are done with: sent, given up, or copied to where they wait. */
  final List<Row> gone = new ArrayList<>();

  /** Rows of the outbox that are to wait, in order. */
  final List<Row> park = new ArrayList<>();

  /** Rows that waited and are done with, by lane. */
  final Map<BlockedLane, List<Row>> unparked = new LinkedHashMap<>();

  /** Lanes that wait from now on, or wait longer. */
  final List<Block> blocks = new ArrayList<>();

  final List<Letter> letters = new ArrayList<>();
  final List<Entry> sent = new ArrayList<>();

  private final RelayOptions options;
  private final Circuits circuits;
  private final Set<String> stopped = new HashSet<>();
  private final Set<String> parking = new HashSet<>();
  private final Map<String, Integer> attempts = new HashMap<>();

  Verdict(RelayOptions options, Circuits circuits) {
    this.options = options;
    this.circuits = circuits;
  }

  /** A lane, the message it waits for, and why. */
  record Block(BlockedLane lane, Entry entry, PublishResult result, Duration delay) {}

  /** A message that is given up. */
  record Letter(Entry entry, PublishResult result, int attempts) {}

  /** A row of a lane that waits already goes to where the others of it are. */
  void behind(Row row) {
    park.add(row);
    gone.add(row);
  }

  /** Nothing waits in a lane any more: somebody deleted it by hand. */
  void forsaken(BlockedLane lane) {
    unparked.put(lane, new ArrayList<>());
  }

  void decide(List<Entry> entries, List<PublishResult> results) {
    Set<String> alive = new HashSet<>();
    for (int i = 0; i < entries.size(); i++) {
      if (results.get(i).kind() == Kind.SENT) {
        alive.add(entries.get(i).message().topic());
      }
    }
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      PublishResult result = results.get(i);
      String topic = entry.message().topic();
      if (result.kind() == Kind.FAILED && !alive.contains(topic) && circuits.halfOpen(topic)) {
        // It was tried to see whether the destination is back, and nothing says that it is.
        result = PublishResult.unavailable(String.valueOf(result.error()));
      }
      decide(entry, result);
    }
  }

  private void decide(Entry entry, PublishResult result) {
    String topic = entry.message().topic();
    switch (result.kind()) {
      case SENT -> sent(entry);
      case SKIPPED -> left(entry);
      case UNAVAILABLE -> {
        circuits.unavailable(topic);
        left(entry);
      }
      case REJECTED -> failed(entry, result, true);
      case FAILED -> {
        circuits.failed(topic, entry.lane());
        failed(entry, result, false);
      }
    }
  }

  private void sent(Entry entry) {
    if (stopped.contains(entry.lane())) {
      LOG.error(
          "The publisher sent {} although an earlier message of its key was not sent: the order of key {} is broken",
          entry.message(),
          entry.message().key().orElse("(none)"));
    }
    circuits.succeeded(entry.message().topic());
    sent.add(entry);
    done(entry);
  }

  /** It was not tried: it stays where it is, or follows an earlier one of its lane. */
  private void left(Entry entry) {
    stopped.add(entry.lane());
    if (parking.contains(entry.lane()) && entry.waiting() == null) {
      behind(entry.row());
    }
  }

  private void failed(Entry entry, PublishResult result, boolean forGood) {
    stopped.add(entry.lane());
    if (parking.contains(entry.lane())) {
      left(entry); // one failure of a lane is enough to know
      return;
    }
    int tried = attempts.getOrDefault(entry.lane(), before(entry)) + 1;
    boolean exhausted = forGood || tried >= options.retry.maxAttempts();
    if (exhausted && options.whenExhausted == WhenExhausted.DEAD_LETTER) {
      letters.add(new Letter(entry, result, tried));
      done(entry);
      return;
    }
    Duration delay = options.retry.backoff(tried);
    BlockedLane lane =
        BlockedLane.of(entry.slot().slot, entry.lane(), entry.message().topic(), tried, delay);
    blocks.add(new Block(lane, entry, result, delay));
    parking.add(entry.lane());
    if (entry.waiting() == null) {
      behind(entry.row());
    }
  }

  /** Attempts are those of the lane's oldest message. */
  private static int before(Entry entry) {
    return entry.waiting() == null ? 0 : entry.waiting().attempts();
  }

  private void done(Entry entry) {
    attempts.put(entry.lane(), 0); // the next one of the lane has not been tried yet
    if (entry.waiting() == null) {
      gone.add(entry.row());
    } else {
      unparked.computeIfAbsent(entry.waiting(), unused -> new ArrayList<>()).add(entry.row());
    }
  }

  /** Returns whether nothing but deleting rows of the outbox is to be done. */
  boolean simple() {
    return park.isEmpty() && unparked.isEmpty() && blocks.isEmpty() && letters.isEmpty();
  }

  boolean progress() {
    return !gone.isEmpty() || !simple();
  }
}
