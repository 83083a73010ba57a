package io.inbox.reconciler.internal.collector;

import java.util.Optional;

/**
 * Where a pass has come to.
 *
 * @param target the table
 * @param layout what its places meant
 * @param place the place to go on at
 */
record Checkpoint(Target target, String layout, long place) {
  /** Returns the checkpoint a text stands for; empty if it is none of this version's. */
  static Optional<Checkpoint> parse(String text) {
    String[] parts = text.split(" ", -1);
    if (parts.length != 3) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Checkpoint(Target.valueOf(parts[0]), parts[1], Long.parseLong(parts[2])));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Returns the text that is stored. */
  @Override
  public String toString() {
    return target + " " + layout + " " + place;
  }
}
