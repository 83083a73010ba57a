package io.inbox.internal;

import io.inbox.spi.DeliveryEvent.Timing;
import java.time.Duration;

/**
 * Where the time of one delivery goes. The steps of a second run of the unit of work overwrite
 * those of the first.
 */
final class Stopwatch {
  private final long start = System.nanoTime();
  private long began = start;
  private long connected = start;
  private long claimed = start;
  private long handled = start;

  void begin() {
    began = System.nanoTime();
    connected = began;
    claimed = began;
    handled = began;
  }

  void connected() {
    connected = System.nanoTime();
    claimed = connected;
    handled = connected;
  }

  void claimed() {
    claimed = System.nanoTime();
    handled = claimed;
  }

  void handled() {
    handled = System.nanoTime();
  }

  Timing stop() {
    long end = System.nanoTime();
    return new Timing(
        between(began, connected),
        between(connected, claimed),
        between(claimed, handled),
        between(handled, end),
        between(start, end));
  }

  private static Duration between(long from, long to) {
    return Duration.ofNanos(Math.max(0, to - from));
  }
}
