package io.inbox.planted;

import java.time.Instant;

/** Breaks the rule that jobs go by the database's clock. */
final class ReadsTheClock {
  private ReadsTheClock() {}

  static Instant due() {
    return Instant.now();
  }
}
