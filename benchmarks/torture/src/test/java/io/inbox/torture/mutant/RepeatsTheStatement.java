package io.inbox.torture.mutant;

/** A handler that has lost a race repeats its statement, in whichever transaction that is then. */
public final class RepeatsTheStatement extends Unguarded {
  @Override
  public boolean repeatsOnlyTheStatement() {
    return true;
  }
}
