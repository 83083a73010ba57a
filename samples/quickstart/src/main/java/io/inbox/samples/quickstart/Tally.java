package io.inbox.samples.quickstart;

/** How many deliveries ended in which way. Not thread-safe. */
final class Tally {
  long handled;
  long recovered;
  long duplicates;
  long mismatches;
  long dead;
  long retries;
  int killed;

  void count(Answer answer) {
    switch (answer) {
      case HANDLED -> handled++;
      case HANDLED_BEFORE -> {
        handled++;
        recovered++;
      }
      case DUPLICATE -> duplicates++;
      case MISMATCH -> mismatches++;
      case DEAD -> dead++;
      case AGAIN -> retries++;
    }
  }

  long settled() {
    return handled + duplicates + mismatches + dead;
  }

  /** The figures of the last line of the output. */
  String line() {
    return "deliveries="
        + settled()
        + " handled="
        + handled
        + " duplicates="
        + duplicates
        + " mismatches="
        + mismatches
        + " dead="
        + dead;
  }

  boolean sameOutcomes(Tally other) {
    return line().equals(other.line());
  }
}
