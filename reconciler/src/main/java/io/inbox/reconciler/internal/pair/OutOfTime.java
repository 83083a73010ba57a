package io.inbox.reconciler.internal.pair;

/** Ends what reads a source when the time of the run is used up, or the other side has failed. */
final class OutOfTime extends Exception {
  private static final long serialVersionUID = 1L;

  OutOfTime() {
    super("the time is up", null, false, false);
  }
}
