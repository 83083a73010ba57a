package io.inbox.command.checks;

import io.inbox.command.Durations;
import io.inbox.command.Suggestion;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Keys and values as they stand in the file. What has another form than it is asked for is a
 * mistake, and then as good as absent; a key that nobody asks for is one, too.
 */
final class YamlMap {
  private final Node node;
  private final Mistakes mistakes;
  private final Map<String, NodeTuple> entries = new LinkedHashMap<>();
  private final Set<String> asked = new LinkedHashSet<>();

  private YamlMap(MappingNode node, Mistakes mistakes) {
    this.node = node;
    this.mistakes = mistakes;
    for (NodeTuple entry : node.getValue()) {
      if (!(entry.getKeyNode() instanceof ScalarNode key)) {
        mistakes.add(entry.getKeyNode(), "a key must be a word");
      } else if (entries.putIfAbsent(key.getValue(), entry) != null) {
        mistakes.add(key, "key " + key.getValue() + " is there twice");
      }
    }
  }

  static Optional<YamlMap> of(Node node, String what, Mistakes mistakes) {
    if (node instanceof MappingNode mapping) {
      return Optional.of(new YamlMap(mapping, mistakes));
    }
    mistakes.add(node, what + " must have keys and values, such as \"name: payments\"");
    return Optional.empty();
  }

  /** Where the whole stands. */
  Node place() {
    return node;
  }

  /** Where the value of a key stands; where the whole does if there is none. */
  Node place(String key) {
    @Nullable NodeTuple entry = entries.get(key);
    return entry == null ? node : entry.getValueNode();
  }

  boolean has(String key) {
    return value(key).isPresent();
  }

  /** An empty value is as good as no key. */
  private Optional<Node> value(String key) {
    asked.add(key);
    return Optional.ofNullable(entries.get(key))
        .map(NodeTuple::getValueNode)
        .filter(value -> !value.getTag().equals(Tag.NULL));
  }

  Optional<String> text(String key) {
    return value(key).flatMap(value -> scalar(key, value));
  }

  private Optional<String> scalar(String key, Node value) {
    if (value instanceof ScalarNode scalar) {
      return Optional.of(scalar.getValue());
    }
    mistakes.add(value, key + " must be one value");
    return Optional.empty();
  }

  /** Reads a text by a function that throws where it cannot. */
  private <T> Optional<T> read(String key, Function<String, T> reader, String expected) {
    Optional<String> text = text(key);
    try {
      return text.map(reader);
    } catch (IllegalArgumentException | DateTimeException e) {
      mistakes.add(place(key), key + " is " + text.orElse("") + ", it must be " + expected);
      return Optional.empty();
    }
  }

  Optional<Duration> duration(String key) {
    return read(key, Durations::parse, "a duration such as 500ms, 15s, 2m, 1h or 90d");
  }

  Optional<Instant> time(String key) {
    return read(
        key,
        text -> OffsetDateTime.parse(text.replaceFirst("(?<=\\d) (?=\\d)", "T")).toInstant(),
        "a time with its offset, such as 2026-11-28T23:59:59Z");
  }

  Optional<Long> number(String key, long most) {
    Optional<Long> number =
        read(key, text -> Long.parseLong(text.replace("_", "")), "a whole number");
    if (number.isPresent() && (number.get() < 1 || number.get() > most)) {
      mistakes.add(place(key), key + " is " + number.get() + ", it must be 1 to " + most);
      return Optional.empty();
    }
    return number;
  }

  /** Reads one of a few words. */
  <T> Optional<T> oneOf(String key, Map<String, T> words) {
    Optional<String> text = text(key);
    return text.flatMap(word -> known(key, place(key), word, words));
  }

  private <T> Optional<T> known(String key, Node at, String word, Map<String, T> words) {
    @Nullable T value = words.get(word);
    if (value == null) {
      mistakes.add(
          at,
          key
              + " is "
              + word
              + ", it must be "
              + String.join(" or ", words.keySet())
              + Suggestion.among(words.keySet(), word));
    }
    return Optional.ofNullable(value);
  }

  /** Reads a list of a few words. */
  <T> List<T> someOf(String key, Map<String, T> words) {
    List<T> values = new ArrayList<>();
    for (Node element : list(key)) {
      scalar(key, element).flatMap(word -> known(key, element, word, words)).ifPresent(values::add);
    }
    return values;
  }

  Optional<YamlMap> map(String key) {
    return value(key).flatMap(value -> of(value, key, mistakes));
  }

  /** Reads a list of keys and values. */
  List<YamlMap> maps(String key) {
    List<YamlMap> maps = new ArrayList<>();
    list(key).forEach(element -> of(element, "each of " + key, mistakes).ifPresent(maps::add));
    return maps;
  }

  private List<Node> list(String key) {
    Optional<Node> value = value(key);
    if (value.isPresent() && !(value.get() instanceof SequenceNode)) {
      mistakes.add(value.get(), key + " must be a list, each line of it beginning with a dash");
    }
    return value
        .filter(SequenceNode.class::isInstance)
        .map(list -> ((SequenceNode) list).getValue())
        .orElse(List.of());
  }

  /** Returns every key, for maps whose keys are names. */
  Set<String> names() {
    asked.addAll(entries.keySet());
    return entries.keySet();
  }

  /** Says that a key must be there. */
  String required(String key) {
    if (!has(key)) {
      mistakes.add(node, key + " is missing");
      return "";
    }
    return text(key).orElse("");
  }

  /** Tells of the keys that nobody has asked for. Called last. */
  void nothingElse() {
    for (Map.Entry<String, NodeTuple> entry : entries.entrySet()) {
      if (!asked.contains(entry.getKey())) {
        mistakes.add(
            entry.getValue().getKeyNode(),
            "unknown key "
                + entry.getKey()
                + Suggestion.among(asked, entry.getKey())
                + " (known are "
                + String.join(", ", asked)
                + ")");
      }
    }
  }
}
