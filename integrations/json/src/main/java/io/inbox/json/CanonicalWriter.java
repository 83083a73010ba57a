package io.inbox.json;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.erdtman.jcs.NumberToJSON;
import org.jspecify.annotations.Nullable;

/** Writes values as RFC 8785 says, but for numbers that it would round. */
final class CanonicalWriter {
  private static final String HEX = "0123456789abcdef";

  private static final int MOST_DIGITS = 40;

  private final StringBuilder out = new StringBuilder();

  static byte[] bytes(@Nullable Object value) {
    CanonicalWriter writer = new CanonicalWriter();
    writer.value(value);
    return writer.out.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void value(@Nullable Object value) {
    if (value instanceof Map<?, ?> members) {
      object(members);
    } else if (value instanceof List<?> elements) {
      array(elements);
    } else if (value instanceof String text) {
      string(text);
    } else if (value instanceof BigDecimal number) {
      out.append(number(number));
    } else {
      out.append(value);
    }
  }

  private void object(Map<?, ?> members) {
    char before = '{';
    // String.compareTo compares UTF-16 code units, which is the order that RFC 8785 asks for.
    for (Map.Entry<?, ?> member : new TreeMap<Object, Object>(members).entrySet()) {
      out.append(before);
      string((String) member.getKey());
      out.append(':');
      value(member.getValue());
      before = ',';
    }
    out.append(before == '{' ? "{}" : "}");
  }

  private void array(List<?> elements) {
    char before = '[';
    for (Object element : elements) {
      out.append(before);
      value(element);
      before = ',';
    }
    out.append(before == '[' ? "[]" : "]");
  }

  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      character(text.charAt(i));
    }
    out.append('"');
  }

  private void character(char c) {
    switch (c) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\b' -> out.append("\\b");
      case '\t' -> out.append("\\t");
      case '\n' -> out.append("\\n");
      case '\f' -> out.append("\\f");
      case '\r' -> out.append("\\r");
      default -> {
        if (c < 0x20) {
          out.append("\\u00").append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 0xf));
        } else {
          out.append(c);
        }
      }
    }
  }

  /**
   * Returns the one spelling of a number. Both forms denote the number exactly, so no two numbers
   * share a spelling.
   */
  static String number(BigDecimal number) {
    double rounded = number.doubleValue();
    if (Double.isFinite(rounded)) {
      String spelling = spelling(rounded);
      if (new BigDecimal(spelling).compareTo(number) == 0) {
        return spelling;
      }
    }
    BigDecimal shortest = number.stripTrailingZeros();
    return shortest.unscaledValue() + "e" + -(long) shortest.scale();
  }

  /** Returns a number as an id or name: whole ones in digits, however large; each has one text. */
  static String text(BigDecimal number) {
    BigDecimal shortest = number.stripTrailingZeros();
    boolean whole =
        shortest.scale() <= 0 && (long) shortest.precision() - shortest.scale() <= MOST_DIGITS;
    return whole ? shortest.toPlainString() : number(number);
  }

  private static String spelling(double number) {
    try {
      return NumberToJSON.serializeNumber(number);
    } catch (IOException e) {
      throw new IllegalStateException("a finite number has a spelling", e);
    }
  }
}
