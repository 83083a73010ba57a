package io.inbox.torture.soak;

import java.time.Duration;

/**
 * When what happens, as shares of how long the run lasts.
 *
 * <p>A third before the foreign transaction, of which the first half is to warm up; a third with
 * it; a third after it, of which the first half is to clear away. How long anything is kept is a
 * share of the run as well, of half an hour at most, so that tables are full before the warm-up is
 * over.
 *
 * @param whole how long the load lasts
 */
record Timetable(Duration whole) {
  private static final Duration LONGEST_UNIT = Duration.ofMinutes(30);
  private static final Duration SECOND = Duration.ofSeconds(1);

  Part part(Duration at) {
    if (at.compareTo(whole.dividedBy(6)) < 0) {
      return Part.WARM_UP;
    }
    if (at.compareTo(heldFrom()) < 0) {
      return Part.BEFORE;
    }
    if (at.compareTo(heldTo()) < 0) {
      return Part.HELD;
    }
    return at.compareTo(whole.multipliedBy(5).dividedBy(6)) < 0 ? Part.CLEARING : Part.AFTER;
  }

  Duration heldFrom() {
    return whole.dividedBy(3);
  }

  Duration heldTo() {
    return whole.multipliedBy(2).dividedBy(3);
  }

  Duration sampleEvery() {
    Duration share = whole.dividedBy(30);
    return share.compareTo(Duration.ofSeconds(10)) > 0 ? Duration.ofSeconds(10) : share;
  }

  /** The dedupe window, in whole seconds as it is stored. */
  Duration window() {
    return Duration.ofSeconds(share(10).toSeconds());
  }

  /** How old a message may be that comes again. */
  Duration redeliverWithin() {
    return window().dividedBy(4);
  }

  /** How long the business keeps its effects: well beyond what a pair check reads. */
  Duration effectsKept() {
    return share(6);
  }

  /** How often the business deletes what is older. */
  Duration tidyEvery() {
    return atLeast(share(360), SECOND);
  }

  Duration reach() {
    return share(15);
  }

  Duration slack() {
    return atLeast(share(180), SECOND);
  }

  Duration settle() {
    return share(90);
  }

  Duration collectEvery() {
    return atLeast(share(90), SECOND);
  }

  Duration reconcileEvery() {
    return atLeast(share(30), SECOND);
  }

  /** How long something may wait that should be done soon, before a built-in check says so. */
  Duration lag() {
    return atLeast(share(6), Duration.ofSeconds(30));
  }

  /** Between two looks of autovacuum; the server's own default is a minute. */
  Duration vacuumEvery() {
    return atLeast(share(180), SECOND);
  }

  private Duration share(int oneIn) {
    return (whole.compareTo(LONGEST_UNIT) > 0 ? LONGEST_UNIT : whole).dividedBy(oneIn);
  }

  private static Duration atLeast(Duration duration, Duration least) {
    return duration.compareTo(least) < 0 ? least : duration;
  }
}
