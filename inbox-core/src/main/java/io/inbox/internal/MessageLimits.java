package io.inbox.internal;

import io.inbox.error.InvalidMessageException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The bounds of what a message may carry beside its key. */
public final class MessageLimits {
  public static final byte[] NO_BYTES = {};

  private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999Z");
  private static final int HEADERS = 200;
  private static final int HEADER_CHARACTERS = 64 * 1024;

  private MessageLimits() {}

  /** Returns the time to the microsecond, as both databases keep it. */
  public static @Nullable Instant time(@Nullable Instant time) {
    if (time == null) {
      return null;
    }
    if (time.isBefore(FIRST) || time.isAfter(LAST)) {
      throw new InvalidMessageException(
          "IBX-136",
          "message time "
              + time
              + " lies outside the years 1 to 9999 (check its unit: seconds or milliseconds?)");
    }
    return time.truncatedTo(ChronoUnit.MICROS);
  }

  public static void header(@Nullable String name, @Nullable String value) {
    if (name == null || name.isEmpty()) {
      throw new InvalidMessageException("IBX-135", "a header has no name");
    }
    if (value == null) {
      throw new InvalidMessageException(
          "IBX-135", "a header's value is null (leave the header out)");
    }
  }

  /**
   * Returns as many of the headers as fit, for a message that is to be kept whatever it carries.
   */
  static Map<String, String> cut(Map<String, String> headers) {
    Map<String, String> kept = new LinkedHashMap<>();
    int characters = 0;
    for (Map.Entry<String, String> header : headers.entrySet()) {
      String name = String.valueOf(header.getKey());
      String value = String.valueOf(header.getValue());
      characters += name.length() + value.length();
      if (kept.size() == HEADERS || characters > HEADER_CHARACTERS) {
        break;
      }
      kept.put(name, value);
    }
    return kept;
  }

  public static void headers(Map<String, String> headers) {
    if (headers.size() > HEADERS) {
      throw new InvalidMessageException(
          "IBX-135",
          headers.size() + " headers > " + HEADERS + " (pass on only those the handler needs)");
    }
    long characters = 0;
    for (Map.Entry<String, String> header : headers.entrySet()) {
      characters += header.getKey().length() + header.getValue().length();
    }
    if (characters > HEADER_CHARACTERS) {
      throw new InvalidMessageException(
          "IBX-135",
          "headers hold "
              + characters
              + " characters > "
              + HEADER_CHARACTERS
              + " (pass on only those the handler needs)");
    }
  }
}
