package io.inbox.internal.outbox;

import java.util.HashMap;
import java.util.Map;

/**
 * A slot while this relay owns it under one epoch. The lease is the ownership's business; the rest
 * belongs to the worker that reads the slot.
 */
final class OwnedSlot {
  final int slot;
  final long epoch;
  final Map<String, BlockedLane> lanes = new HashMap<>();
  boolean loaded;

  /** The generation of the topics' circuits that the bounds below are of. */
  int generation;

  /** Every row at or below is gone, or of a topic that is not tried now. */
  long low = Long.MIN_VALUE;

  /** Every row at or below that was visible at the last reading has been dealt with. */
  long reached = Long.MIN_VALUE;

  /** The bound that becomes {@link #low} once nobody can insert below it any more. */
  long candidate = Long.MIN_VALUE;

  private long deadline;
  private boolean releasing;
  private boolean inUse;

  OwnedSlot(int slot, long epoch, long deadline) {
    this.slot = slot;
    this.epoch = epoch;
    this.deadline = deadline;
  }

  /** Moves the end of the lease, by {@link System#nanoTime()}. */
  synchronized void renewed(long until) {
    deadline = until;
  }

  /** Begins a worker's use of the slot; returns false if it may not be used now. */
  synchronized boolean begin() {
    inUse = !releasing && deadline - System.nanoTime() > 0;
    return inUse;
  }

  synchronized void end() {
    inUse = false;
  }

  /** Returns whether the lease still runs, for a last look before something is sent. */
  synchronized boolean leased() {
    return deadline - System.nanoTime() > 0;
  }

  /** From here on no worker begins to use the slot. */
  synchronized void release() {
    releasing = true;
  }

  /** Returns whether the slot can be given back. */
  synchronized boolean released() {
    return releasing && !inUse;
  }

  synchronized boolean releasing() {
    return releasing;
  }
}
