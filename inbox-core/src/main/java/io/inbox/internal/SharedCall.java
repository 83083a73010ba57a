package io.inbox.internal;

import io.inbox.Handler;
import io.inbox.Outcome;
import io.inbox.spi.ClaimRequest;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One call of {@code process} that may share a transaction, and the thread that waits in it. */
final class SharedCall {
  final ClaimRequest request;
  final Handler handler;
  private final Supplier<Outcome<Void>> alone;
  private final Thread caller = Thread.currentThread();
  private volatile State state = State.WAITING;
  private List<SharedCall> group = List.of();
  private @Nullable Outcome<Void> outcome;

  /**
   * A call of the current thread.
   *
   * @param alone how it is handled by itself
   */
  SharedCall(ClaimRequest request, Handler handler, Supplier<Outcome<Void>> alone) {
    this.request = request;
    this.handler = handler;
    this.alone = alone;
  }

  Outcome<Void> alone() {
    return alone.get();
  }

  /** How far the call has come. */
  enum State {
    /** In the queue. */
    WAITING,
    /** In a group that another call leads. */
    LED,
    /** The leader of a group. */
    LEADER,
    /** The group has ended, and with it this call. */
    DECIDED,
    /** The group has ended without a decision, or there is none: to be handled by itself. */
    ALONE
  }

  /**
   * Waits until there is something to do for the caller's thread: to lead, to go alone, or to
   * return. A call that was not taken within its patience, or whose thread is interrupted, is
   * withdrawn and goes alone; once it is in a group, it waits for the end of that.
   *
   * @param withdraw takes the call out of the queue, unless it was taken
   */
  State await(long patienceNanos, Predicate<SharedCall> withdraw) {
    long deadline = System.nanoTime() + patienceNanos;
    boolean interrupted = false;
    while (true) {
      State seen = state;
      if (seen != State.WAITING && seen != State.LED) {
        break;
      }
      long left = deadline - System.nanoTime();
      if (seen == State.LED) {
        LockSupport.park(this);
      } else if (!interrupted && left > 0) {
        LockSupport.parkNanos(this, left);
      } else if (withdraw.test(this)) {
        state = State.ALONE;
      }
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      caller.interrupt();
    }
    return state;
  }

  /** Puts the call into a group, whose first leads it. */
  @SuppressWarnings("ReferenceEquality") // a call is equal to itself alone
  void taken(List<SharedCall> with) {
    boolean leads = with.get(0) == this;
    group = with;
    state = leads ? State.LEADER : State.LED;
    if (leads && Thread.currentThread() != caller) {
      LockSupport.unpark(caller);
    }
  }

  /** The leader's group. */
  List<SharedCall> group() {
    return group;
  }

  /** Takes over what the group decided. That the leader is interrupted is its own affair. */
  void decided(Outcome<Void> decision) {
    boolean foreign =
        Thread.currentThread() != caller
            && Thread.currentThread().isInterrupted()
            && !decision.acknowledge();
    outcome = foreign ? null : decision;
  }

  boolean isDecided() {
    return outcome != null;
  }

  /** Lets the caller go on, once the leader has done what it had to for the group. */
  void finish() {
    state = isDecided() ? State.DECIDED : State.ALONE;
    if (Thread.currentThread() != caller) {
      LockSupport.unpark(caller);
    }
  }

  /**
   * Returns the outcome.
   *
   * @throws Error what the handler threw
   */
  Outcome<Void> outcome() {
    Outcome<Void> decision = Objects.requireNonNull(outcome, "every call is decided or goes alone");
    @Nullable Throwable cause = null;
    if (decision instanceof Outcome.Failed<Void> failed) {
      cause = failed.cause();
    } else if (decision instanceof Outcome.DeadLettered<Void> dead) {
      cause = dead.cause();
    }
    if (cause instanceof Error) {
      throw (Error) cause;
    }
    if (cause instanceof InterruptedException) {
      caller.interrupt();
    }
    return decision;
  }
}
