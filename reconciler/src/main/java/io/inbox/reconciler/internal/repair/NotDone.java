package io.inbox.reconciler.internal.repair;

/** Rolls a transaction back that found that its item is not to be repaired. */
@SuppressWarnings("serial") // never leaves this package
final class NotDone extends RuntimeException {
  private final transient Verdict verdict;

  NotDone(Verdict verdict) {
    super(verdict.toString(), null, false, false);
    this.verdict = verdict;
  }

  Verdict verdict() {
    return verdict;
  }
}
