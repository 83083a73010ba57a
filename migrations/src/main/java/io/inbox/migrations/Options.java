package io.inbox.migrations;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The options of one command, each given at most once and with a value. */
final class Options {
  private final Map<String, String> values;

  private Options(Map<String, String> values) {
    this.values = values;
  }

  static Options parse(List<String> words, List<String> known) {
    Map<String, String> values = new TreeMap<>();
    for (int i = 0; i < words.size(); i += 2) {
      String name = words.get(i);
      if (!known.contains(name)) {
        throw new UsageException(
            "unknown option \"%s\": known here are %s".formatted(name, String.join(", ", known)));
      }
      if (i + 1 == words.size() || known.contains(words.get(i + 1))) {
        throw new UsageException("option " + name + " needs a value");
      }
      if (values.put(name, words.get(i + 1)) != null) {
        throw new UsageException("option " + name + " is given twice");
      }
    }
    return new Options(values);
  }

  String required(String name) {
    String value = values.get(name);
    if (value == null || value.isBlank()) {
      throw new UsageException("option " + name + " is missing");
    }
    return value;
  }

  @Nullable String optional(String name) {
    return values.get(name);
  }

  String optional(String name, String defaultValue) {
    return values.getOrDefault(name, defaultValue);
  }
}
