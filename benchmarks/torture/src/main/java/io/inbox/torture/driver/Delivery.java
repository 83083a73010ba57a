package io.inbox.torture.driver;

import io.inbox.torture.plan.Group;
import io.inbox.torture.plan.Plan.Copy;
import io.inbox.torture.wire.Instruction;

/** One copy of a message that is to be delivered until it is acknowledged. Used by the broker. */
final class Delivery {
  private final Copy copy;
  private int count;
  private long dueAt;
  private Instruction instruction = Instruction.NONE;
  private boolean acknowledgementIsLost;
  private boolean settled;

  Delivery(Copy copy) {
    this.copy = copy;
  }

  int message() {
    return copy.message();
  }

  boolean altered() {
    return copy.altered();
  }

  int group() {
    return copy.message() % Group.ALL.size();
  }

  int count() {
    return count;
  }

  int given() {
    return ++count;
  }

  long dueAt() {
    return dueAt;
  }

  void notBefore(long nanos) {
    dueAt = nanos;
  }

  /** Lets something go wrong the next time. */
  void instruct(Instruction what) {
    instruction = what;
  }

  Instruction takeInstruction() {
    Instruction taken = instruction;
    instruction = Instruction.NONE;
    return taken;
  }

  /** Returns whether it was acknowledged. */
  boolean settled() {
    return settled;
  }

  void settle() {
    settled = true;
  }

  void loseAcknowledgement() {
    acknowledgementIsLost = true;
  }

  boolean takeLoss() {
    boolean lost = acknowledgementIsLost;
    acknowledgementIsLost = false;
    return lost;
  }
}
