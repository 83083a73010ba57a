package io.inbox.samples.quickstart;

import org.jspecify.annotations.Nullable;

/** A delivery that the broker has to see settled. Used by the broker's thread only. */
final class Pending {
  private final Delivery delivery;
  private final boolean perhapsBefore;
  private int given;
  private int interruptions;
  private int failures;
  private @Nullable Answer answer;
  private long dueAt;

  /**
   * A delivery to be settled.
   *
   * @param perhapsBefore whether a launcher that was killed may have given it to a consumer
   */
  Pending(Delivery delivery, boolean perhapsBefore) {
    this.delivery = delivery;
    this.perhapsBefore = perhapsBefore;
  }

  Delivery delivery() {
    return delivery;
  }

  Consumer.Task give(boolean countFailures, boolean hold) {
    boolean again = perhapsBefore || given++ > 0;
    return new Consumer.Task(delivery, 1 + (countFailures ? failures : interruptions), again, hold);
  }

  void interrupted() {
    interruptions++;
  }

  void failedUntil(long nanos) {
    failures++;
    dueAt = nanos;
  }

  long dueAt() {
    return dueAt;
  }

  void settle(Answer how) {
    answer = how;
  }

  @Nullable Answer answer() {
    return answer;
  }
}
