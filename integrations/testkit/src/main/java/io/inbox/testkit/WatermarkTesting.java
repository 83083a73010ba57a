package io.inbox.testkit;

import io.inbox.BatchHandler;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Watermark;
import io.inbox.Watermark.Positioned;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** What the tests of watermarks have in common: a stream and what is done with its messages. */
abstract class WatermarkTesting extends Contract {
  static final String STREAM = "orders";

  final Watermark takeOver(Inbox inbox) {
    return inbox.takeOver(STREAM, 0);
  }

  static Positioned at(long position) {
    return new Positioned(position, message("m" + position));
  }

  static List<Positioned> positions(long... positions) {
    return LongStream.of(positions).mapToObj(WatermarkTesting::at).toList();
  }

  /** Positions from one to another, the latter not included. */
  static List<Positioned> range(int from, int to) {
    return IntStream.range(from, to).mapToObj(WatermarkTesting::at).toList();
  }

  /** One row for each message, so that a second handling would show. */
  final BatchHandler noting() {
    return (fresh, tx) -> {
      for (Message message : fresh) {
        books.note(tx.connection(), message.id());
      }
    };
  }

  /** Notes, and fails at some messages. */
  final BatchHandler failingAt(long... poison) {
    List<String> ids = LongStream.of(poison).mapToObj(it -> "m" + it).toList();
    return (fresh, tx) -> {
      for (Message message : fresh) {
        books.note(tx.connection(), message.id());
        if (ids.contains(message.id())) {
          throw new IllegalStateException("poison " + message.id());
        }
      }
    };
  }

  static BatchHandler mustNotRun() {
    return (fresh, tx) -> {
      throw new AssertionError("the handler ran");
    };
  }

  /** What stands in the row: epoch and position; empty where there is none. */
  final String stored() {
    return books.text(
        "SELECT CONCAT(\"epoch\", '@', \"position\") FROM "
            + table("watermark")
            + " WHERE \"consumer\" = ? AND \"stream\" = ? AND \"partition\" = 0",
        consumer,
        STREAM);
  }

  /** Outcomes with their reasons, where they have one: {@code Failed(HANDLER_FAILED)}. */
  static List<String> reasons(List<Outcome<Void>> outcomes) {
    return outcomes.stream().map(WatermarkTesting::reason).collect(Collectors.toList());
  }

  static String reason(Outcome<Void> outcome) {
    String kind = outcome.getClass().getSimpleName();
    if (outcome instanceof Outcome.OutsideWindow<Void> it) {
      return kind + "(" + it.reason() + ")";
    }
    if (outcome instanceof Outcome.InFlight<Void> it) {
      return kind + "(" + it.reason() + ")";
    }
    if (outcome instanceof Outcome.Failed<Void> it) {
      return kind + "(" + it.reason() + ")";
    }
    if (outcome instanceof Outcome.DeadLettered<Void> it) {
      return kind + "(" + it.reason() + ")";
    }
    return kind;
  }
}
