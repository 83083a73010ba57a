package io.inbox.testkit.crash;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One message that was failed once, in one way, and redelivered until it was acknowledged. */
public final class CrashCourse {
  private final @Nullable Strike strike;
  private final String messageId;
  private final List<String> deliveries;
  private final int handlerRuns;
  private final @Nullable String problem;

  CrashCourse(
      @Nullable Strike strike,
      String messageId,
      List<String> deliveries,
      int handlerRuns,
      @Nullable String problem) {
    this.strike = strike;
    this.messageId = messageId;
    this.deliveries = List.copyOf(deliveries);
    this.handlerRuns = handlerRuns;
    this.problem = problem;
  }

  /** Returns where it failed; empty for the course without a fault. */
  public Optional<CrashPlace> place() {
    return Optional.ofNullable(strike).map(Strike::place);
  }

  /** Returns how it failed; empty for the course without a fault. */
  public Optional<CrashWay> way() {
    return Optional.ofNullable(strike).map(Strike::way);
  }

  /** Returns the id of its message, to look for in the tables. */
  public String messageId() {
    return messageId;
  }

  /** Returns what came of each delivery, in their order. */
  public List<String> deliveries() {
    return deliveries;
  }

  /** Returns how often the handler was started: what it does outside may happen as often. */
  public int handlerRuns() {
    return handlerRuns;
  }

  /** Returns what was wrong; empty if the message was acknowledged and the invariant held. */
  public Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  /** Returns place and way, what was wrong, what came of the deliveries, and what to look at. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(strike == null ? "without a fault" : strike.place() + ", " + strike.way());
    text.append(": ").append(problem == null ? "held" : problem.strip().indent(4).strip());
    if (strike != null) {
      text.append("\n    what was done: ").append(strike.way().told());
    }
    text.append("\n    deliveries of ").append(messageId).append(": ");
    text.append(String.join("; ", deliveries));
    text.append("\n    the handler ran ").append(times(handlerRuns));
    if (problem != null) {
      text.append("\n    look at ").append(hint());
    }
    return text.toString();
  }

  private String hint() {
    if (strike == null) {
      return "the handler and the invariant: nothing had failed";
    }
    if (strike.place().beforeCommit()) {
      return "writes that do not go through the transaction (another connection, autocommit), calls to"
          + " other systems, and state in memory that outlives a rollback: what went through the"
          + " transaction before the fault was rolled back";
    }
    return "what happens outside of the transaction, such as afterCommit: everything in it was"
        + " committed before the fault";
  }

  private static String times(int count) {
    return count == 1 ? "once" : count + " times";
  }
}
