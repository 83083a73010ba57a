package io.inbox.planted;

import static java.lang.Thread.sleep;

/** Waits by the clock and not for an event. */
final class Sleeper {

  void wait(int millis) throws InterruptedException {
    sleep(millis);
  }
}
