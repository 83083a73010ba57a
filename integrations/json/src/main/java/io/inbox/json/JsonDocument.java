package io.inbox.json;

import io.inbox.error.InvalidMessageException;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A payload read as strict JSON, whose parts are taken by JSON pointer (RFC 6901). Immutable and
 * thread-safe.
 *
 * <p>Strict means RFC 8259 and RFC 7493 (I-JSON): well-formed UTF-8, no member twice, no NaN or
 * Infinity, no lone surrogates, nothing after the value; nested at most 200 deep.
 *
 * <p>A pointer is empty for the whole document, or starts with a slash: {@code /data/0/id}. In a
 * name, {@code ~1} stands for a slash and {@code ~0} for a tilde. What a pointer leads to may be
 * absent; a JSON null counts as absent.
 */
public final class JsonDocument {
  private final @Nullable Object root;

  private JsonDocument(@Nullable Object root) {
    this.root = root;
  }

  /**
   * Reads a payload.
   *
   * @throws InvalidMessageException IBX-132, naming line and column, never the content, if it is
   *     not strict JSON
   */
  public static JsonDocument parse(byte[] payload) {
    return new JsonDocument(StrictReader.read(payload));
  }

  /**
   * Returns the text at a pointer: a string as it is, a whole number of up to 40 digits in digits,
   * another number or a boolean in its canonical spelling.
   *
   * @throws InvalidMessageException IBX-133 if it is an object or array, or no pointer
   */
  public Optional<String> text(String pointer) {
    @Nullable Object found = at(pointer);
    if (found instanceof Map || found instanceof List) {
      throw new InvalidMessageException(
          "IBX-133",
          "what '"
              + pointer
              + "' leads to is "
              + kind(found)
              + ", needed a string, number or boolean (point further down)");
    }
    if (found instanceof BigDecimal number) {
      return Optional.of(CanonicalWriter.text(number));
    }
    return Optional.ofNullable(found).map(Object::toString);
  }

  /**
   * Returns the number at a pointer, exact.
   *
   * @throws InvalidMessageException IBX-133 if it is not a number, or no pointer
   */
  public Optional<BigDecimal> number(String pointer) {
    @Nullable Object found = at(pointer);
    if (found == null || found instanceof BigDecimal) {
      return Optional.ofNullable((BigDecimal) found);
    }
    throw new InvalidMessageException(
        "IBX-133", "what '" + pointer + "' leads to is " + kind(found) + ", needed a number");
  }

  /** Returns the canonical form, see {@link CanonicalJson}. */
  public byte[] canonical() {
    return CanonicalWriter.bytes(root);
  }

  private @Nullable Object at(String pointer) {
    @Nullable Object here = root;
    for (String name : Pointer.names(pointer)) {
      if (here instanceof Map<?, ?> members) {
        here = members.get(name);
      } else if (here instanceof List<?> elements) {
        int index = Pointer.index(name);
        here = index >= 0 && index < elements.size() ? elements.get(index) : null;
      } else {
        return null;
      }
    }
    return here;
  }

  private static String kind(@Nullable Object value) {
    if (value instanceof Map) {
      return "an object";
    }
    if (value instanceof List) {
      return "an array";
    }
    return value instanceof String ? "a string" : "a boolean";
  }
}
