package io.inbox.reconciler;

import io.inbox.reconciler.internal.schedule.ScheduleThread;

/**
 * A job that this process runs whenever it is due, on a daemon thread of its own. Any number of
 * nodes may schedule it: the one that comes first runs it, and for the others it is not due any
 * more. A run that fails is logged; the next one comes at its time.
 */
public final class ScheduledJob implements AutoCloseable {
  private final ScheduleThread thread;

  /** Takes a thread that was started. */
  ScheduledJob(ScheduleThread thread) {
    this.thread = thread;
  }

  /**
   * Ends it, and blocks until then. A run that is under way is told to stop, its checks by {@code
   * CheckRun.timeIsUp}, and waited for at most 30 seconds; where it stopped the next one goes on.
   * Its thread is not interrupted: H2 would close the file of the database for everybody.
   */
  @Override
  public void close() {
    thread.close();
  }
}
