package io.inbox.reconciler;

import com.cronutils.model.Cron;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import io.inbox.error.ConfigurationException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * When a job is due: some time after its last run began, or at the times of a cron expression.
 * Immutable.
 *
 * <p>Times are the database's, so nodes whose clocks differ agree on them. A time that nobody was
 * there for is made up for by one run, however many there were.
 */
public final class Schedule {
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofDays(366);

  /** Enough to see the longest gap of any expression, as from Friday to Monday, or a leap day's. */
  private static final int LOOK_AHEAD = 60;

  private final String text;
  private final Function<Instant, Optional<Instant>> next;

  private Schedule(String text, Function<Instant, Optional<Instant>> next) {
    this.text = text;
    this.next = next;
  }

  /**
   * Returns a schedule that is due so long after the last run began.
   *
   * @param interval 1 s to 366 days
   * @throws ConfigurationException IBX-715 if it is out of its range
   */
  public static Schedule every(Duration interval) {
    if (interval == null || interval.compareTo(SHORTEST) < 0 || interval.compareTo(LONGEST) > 0) {
      throw new ConfigurationException(
          "IBX-715", "the interval is " + interval + ", it must be 1 s to 366 days");
    }
    return new Schedule("every " + interval, last -> Optional.of(last.plus(interval)));
  }

  /**
   * Returns a schedule by a cron expression in the zone of this JVM.
   *
   * @see #cron(String, ZoneId)
   */
  public static Schedule cron(String expression) {
    return cron(expression, ZoneId.systemDefault());
  }

  /**
   * Returns a schedule by a cron expression of five fields: minute, hour, day of the month, month,
   * day of the week, as in a crontab.
   *
   * @param expression such as {@code 30 2 * * *}
   * @param zone whose time it is in; a time that is skipped when clocks go forward is due right
   *     after it
   * @throws ConfigurationException IBX-715 if it is no such expression, or never comes
   */
  public static Schedule cron(String expression, ZoneId zone) {
    Objects.requireNonNull(zone, "zone");
    ExecutionTime times = ExecutionTime.forCron(parse(expression));
    Schedule schedule = new Schedule(expression + " in " + zone, last -> next(times, last, zone));
    if (schedule.next.apply(Instant.EPOCH).isEmpty()) {
      throw new ConfigurationException(
          "IBX-715", "the cron expression '" + expression + "' never comes, such as 30 February");
    }
    return schedule;
  }

  private static Optional<Instant> next(ExecutionTime times, Instant last, ZoneId zone) {
    Optional<Instant> next =
        times.nextExecution(ZonedDateTime.ofInstant(last, zone)).map(ZonedDateTime::toInstant);
    @Nullable ZoneOffsetTransition change = zone.getRules().nextTransition(last);
    boolean skipped =
        change != null
            && change.isGap()
            && (next.isEmpty() || change.getInstant().isBefore(next.get()))
            && isDueWithin(times, change);
    return skipped ? Optional.of(change.getInstant()) : next;
  }

  /** Whether a clock that was not set forward would have shown a time at which it is due. */
  private static boolean isDueWithin(ExecutionTime times, ZoneOffsetTransition gap) {
    ZonedDateTime before = gap.getDateTimeBefore().minusSeconds(1).atZone(ZoneOffset.UTC);
    ZonedDateTime after = gap.getDateTimeAfter().atZone(ZoneOffset.UTC);
    return times.nextExecution(before).filter(at -> at.isBefore(after)).isPresent();
  }

  private static Cron parse(@Nullable String expression) {
    try {
      return new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX))
          .parse(Objects.requireNonNull(expression, "it is null"))
          .validate();
    } catch (IllegalArgumentException | NullPointerException e) {
      throw new ConfigurationException(
          "IBX-715",
          "'"
              + expression
              + "' is no cron expression: "
              + e.getMessage()
              + " (five fields: minute, hour, day of the month, month, day of the week)",
          e);
    }
  }

  /** Returns when the job is due whose last run began then; empty if never again. */
  public Optional<Instant> after(Instant last) {
    return next.apply(last);
  }

  /** Returns the longest time between two runs, as far as can be seen from then on. */
  public Duration longestGap(Instant from) {
    Duration longest = SHORTEST;
    Optional<Instant> at = after(from);
    for (int i = 0; i < LOOK_AHEAD && at.isPresent(); i++) {
      Optional<Instant> following = after(at.get());
      if (following.isPresent()) {
        Duration gap = Duration.between(at.get(), following.get());
        longest = gap.compareTo(longest) > 0 ? gap : longest;
      }
      at = following;
    }
    return longest;
  }

  /** Returns interval or expression. */
  @Override
  public String toString() {
    return text;
  }
}
