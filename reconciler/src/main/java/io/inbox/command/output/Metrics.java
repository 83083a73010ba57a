package io.inbox.command.output;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Gauges in the text format of Prometheus, version 0.0.4, for a textfile collector. All samples of
 * a metric stand together, as the format demands. Not thread-safe.
 */
public final class Metrics {
  private final Map<String, String> common;
  private final Map<String, Family> families = new LinkedHashMap<>();

  /**
   * Starts without samples.
   *
   * @param common the labels of every sample
   */
  public Metrics(Map<String, String> common) {
    this.common = Map.copyOf(common);
  }

  /** Declares a metric; a second time it changes nothing. A metric without samples is left out. */
  public Metrics gauge(String name, String help) {
    families.putIfAbsent(name, new Family(help, new ArrayList<>()));
    return this;
  }

  /**
   * Adds a sample of a declared metric.
   *
   * @param value a number, a duration (in seconds), an instant (seconds since 1970), or a boolean;
   *     null to add nothing
   * @param labels names and values in turn
   */
  public Metrics sample(String name, @Nullable Object value, String... labels) {
    Family family = families.get(name);
    if (family == null || labels.length % 2 != 0) {
      throw new IllegalArgumentException(name + " is not declared, or a label has no value");
    }
    if (value != null) {
      Map<String, String> all = new TreeMap<>(common);
      for (int i = 0; i < labels.length; i += 2) {
        all.put(labels[i], labels[i + 1]);
      }
      family.samples().add(name + labels(all) + " " + number(value));
    }
    return this;
  }

  /** Returns the text of the file. */
  public String text() {
    StringBuilder text = new StringBuilder();
    families.forEach(
        (name, family) -> {
          if (!family.samples().isEmpty()) {
            text.append("# HELP ").append(name).append(' ').append(family.help()).append('\n');
            text.append("# TYPE ").append(name).append(" gauge\n");
            family.samples().forEach(sample -> text.append(sample).append('\n'));
          }
        });
    return text.toString();
  }

  private static String labels(Map<String, String> labels) {
    List<String> parts = new ArrayList<>();
    labels.forEach((name, value) -> parts.add(name + "=\"" + escaped(value) + "\""));
    return parts.isEmpty() ? "" : "{" + String.join(",", parts) + "}";
  }

  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }

  private static String number(Object value) {
    if (value instanceof Boolean yes) {
      return yes ? "1" : "0";
    }
    if (value instanceof Count count) {
      return String.valueOf(count.value());
    }
    if (value instanceof Duration duration) {
      return String.valueOf(duration.toMillis() / 1_000.0);
    }
    if (value instanceof Instant instant) {
      return String.valueOf(instant.getEpochSecond());
    }
    if (value instanceof Number number) {
      return String.valueOf(number);
    }
    throw new IllegalArgumentException("no number: " + value.getClass());
  }

  /** A metric and its samples as lines. */
  private record Family(String help, List<String> samples) {}
}
