package io.inbox.command.output;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Values as people read them, on one line and without what a terminal would obey. */
public final class Words {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final String NOTHING = "-";

  private Words() {}

  /** Returns a value as text: a dash for none, times in UTC, durations in their two main units. */
  public static String of(@Nullable Object value) {
    if (value == null) {
      return NOTHING;
    }
    if (value instanceof Duration duration) {
      return duration(duration);
    }
    if (value instanceof Instant instant) {
      return TIME.format(instant);
    }
    if (value instanceof Long || value instanceof Integer) {
      return String.format(Locale.ROOT, "%,d", ((Number) value).longValue());
    }
    if (value instanceof Count count) {
      return (count.exact() ? "" : "~") + of(count.value());
    }
    if (value instanceof Boolean yes) {
      return yes ? "yes" : "no";
    }
    if (value instanceof Collection<?> several) {
      return several.isEmpty()
          ? NOTHING
          : several.stream().map(Words::of).collect(Collectors.joining(", "));
    }
    String text = visible(value.toString());
    return text.isEmpty() ? NOTHING : text;
  }

  /** Returns a number of things, whose plural has an s more. */
  public static String count(long number, String thing) {
    return of(number) + " " + thing + (number == 1 ? "" : "s");
  }

  /** What others wrote into a row may hold line breaks, or sequences that a terminal obeys. */
  public static String visible(String text) {
    return text.replaceAll("\\s*\\R\\s*", " ").replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Co}\\p{Cs}]", "?");
  }

  private static String duration(Duration duration) {
    if (duration.isNegative()) {
      return "-" + duration(duration.negated());
    }
    if (duration.compareTo(Duration.ofSeconds(1)) < 0) {
      return duration.toMillis() + " ms";
    }
    if (duration.toDays() > 0) {
      return units(duration.toDays(), "d", duration.toHoursPart(), "h");
    }
    if (duration.toHours() > 0) {
      return units(duration.toHours(), "h", duration.toMinutesPart(), "min");
    }
    return duration.toMinutes() > 0
        ? units(duration.toMinutes(), "min", duration.toSecondsPart(), "s")
        : duration.toSeconds() + " s";
  }

  private static String units(long large, String unit, int small, String smaller) {
    String first = of(large) + " " + unit;
    return small == 0 ? first : first + " " + small + " " + smaller;
  }
}
