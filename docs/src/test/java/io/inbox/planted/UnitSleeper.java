package io.inbox.planted;

import java.util.concurrent.TimeUnit;

/** Waits by the clock, in the other way to write it. */
final class UnitSleeper {

  void wait(TimeUnit unit) throws InterruptedException {
    unit.sleep(1);
  }
}
