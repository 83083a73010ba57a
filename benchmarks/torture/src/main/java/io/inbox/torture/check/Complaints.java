package io.inbox.torture.check;

import java.util.List;

/** Passes on what workers saw that must not happen. */
final class Complaints implements Checker {
  @Override
  public Invariant invariant() {
    return Invariant.CALM;
  }

  @Override
  public List<String> violations(Evidence evidence) {
    Query.Found found = new Query.Found();
    evidence.complaints().forEach(found::add);
    return found.lines();
  }
}
