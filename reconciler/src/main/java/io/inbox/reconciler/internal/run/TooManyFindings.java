package io.inbox.reconciler.internal.run;

/** Ends a check that has found more than it may. */
final class TooManyFindings extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int most;

  TooManyFindings(int most) {
    super("more than " + most + " findings", null, false, false);
    this.most = most;
  }

  String why() {
    return "it found more than "
        + most
        + ", which is one mistake rather than many (look at the check first, then raise the limit)";
  }
}
