package io.inbox.kafka;

import io.inbox.error.ConfigurationException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The properties of a Kafka client while they are checked and completed: what a promise rests on is
 * set here, and refused where the user set it otherwise.
 */
final class ClientSettings {
  private final String client;
  private final Map<String, Object> values;

  /**
   * Copies the properties; entries whose value is null count as not set.
   *
   * @param client what they are for, in messages
   */
  ClientSettings(String client, @Nullable Map<String, ?> config) {
    if (config == null) {
      throw new ConfigurationException(
          "IBX-801", "the configuration of the " + client + " is null (name bootstrap.servers)");
    }
    this.client = client;
    this.values = new HashMap<>();
    config.forEach(
        (name, value) -> {
          if (value != null) {
            values.put(name, value);
          }
        });
  }

  /** Returns an option of ours that must not be null. */
  static <T> T given(@Nullable T option, String otherwise) {
    if (option == null) {
      throw new ConfigurationException("IBX-804", otherwise);
    }
    return option;
  }

  /** Requires a setting that only the user can know. */
  void required(String name, String remedy) {
    @Nullable Object value = values.get(name);
    boolean missing =
        value == null
            || (value instanceof List<?> list ? list.isEmpty() : value.toString().isBlank());
    if (missing) {
      throw new ConfigurationException(
          "IBX-801", "the configuration of the " + client + " lacks " + name + " (" + remedy + ")");
    }
  }

  /** Sets what a promise rests on; accepts the same, and other spellings of it, from the user. */
  void forced(String name, String value, String why, String... spellings) {
    @Nullable Object own = values.get(name);
    if (own != null) {
      String text = text(own);
      if (!text.equalsIgnoreCase(value) && !List.of(spellings).contains(text)) {
        throw refused(name, text, why);
      }
    }
    values.put(name, value);
  }

  /** Refuses a setting whatever its value. */
  void absent(String name, String why) {
    @Nullable Object own = values.get(name);
    if (own != null) {
      throw refused(name, text(own), why);
    }
  }

  /** Sets a default. */
  void byDefault(String name, Object value) {
    values.putIfAbsent(name, value);
  }

  /** Sets an option of ours that Kafka has a property for; both at once are refused. */
  void option(String name, Object value, String option) {
    absent(name, "the option " + option + " sets it: give one of the two");
    values.put(name, value);
  }

  /** Returns a number of milliseconds. */
  long millis(String name, long otherwise) {
    @Nullable Object value = values.get(name);
    if (value == null) {
      return otherwise;
    }
    try {
      return Long.parseLong(text(value));
    } catch (NumberFormatException e) {
      throw new ConfigurationException(
          "IBX-803", name + " of the " + client + " is no number: " + value, e);
    }
  }

  Map<String, Object> values() {
    return Map.copyOf(values);
  }

  private ConfigurationException refused(String name, String value, String why) {
    return new ConfigurationException(
        "IBX-802", name + "=" + value + " in the configuration of the " + client + ": " + why);
  }

  private static String text(Object value) {
    return value instanceof Class<?> type ? type.getName() : value.toString().trim();
  }
}
