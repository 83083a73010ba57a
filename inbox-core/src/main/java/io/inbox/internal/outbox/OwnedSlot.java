package io.inbox.internal.outbox;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A slot while this relay owns it under one epoch. The lease is the ownership's business; the rest
 * belongs to the worker that reads the slot.
 */
final class OwnedSlot {
  private final ReentrantLock lock = new ReentrantLock();
  final int slot;
  final long epoch;
  final Map<String, BlockedLane> lanes = new HashMap<>();
  boolean loaded;

  /** The generation of the topics' circuits that the bounds below are of. */
  int generation;

  /** Every row at or below is gone, or of a topic that is not tried now. */
  long low = Long.MIN_VALUE;

  /** Every row at or below that was visible when it was read has been dealt with. */
  long reached = Long.MIN_VALUE;

  private long deadline;
  private boolean releasing;
  private boolean inUse;

  OwnedSlot(int slot, long epoch, long deadline) {
    this.slot = slot;
    this.epoch = epoch;
    this.deadline = deadline;
  }

  /** Moves the end of the lease, by {@link System#nanoTime()}. */
  void renewed(long until) {
    lock.lock();
    try {
      deadline = until;
    } finally {
      lock.unlock();
    }
  }

  /** Begins a worker's use of the slot; returns false if it may not be used now. */
  boolean begin() {
    lock.lock();
    try {
      inUse = !releasing && deadline - System.nanoTime() > 0;
      return inUse;
    } finally {
      lock.unlock();
    }
  }

  void end() {
    lock.lock();
    try {
      inUse = false;
    } finally {
      lock.unlock();
    }
  }

  /** Returns whether the lease still runs, for a last look before something is sent. */
  boolean leased() {
    lock.lock();
    try {
      return deadline - System.nanoTime() > 0;
    } finally {
      lock.unlock();
    }
  }

  /** From here on no worker begins to use the slot. */
  void release() {
    lock.lock();
    try {
      releasing = true;
    } finally {
      lock.unlock();
    }
  }

  /** Returns whether the slot can be given back. */
  boolean released() {
    lock.lock();
    try {
      return releasing && !inUse;
    } finally {
      lock.unlock();
    }
  }

  boolean releasing() {
    lock.lock();
    try {
      return releasing;
    } finally {
      lock.unlock();
    }
  }
}
