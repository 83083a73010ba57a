package io.inbox.internal;

import java.time.Instant;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The times within ids. */
public final class KeyTimes {
  private static final Pattern UUID_V7 =
      Pattern.compile(
          "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-7[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}");

  /** Ten digits of 5 bits for 48 bits, so the first is at most 7; then sixteen random ones. */
  private static final Pattern ULID =
      Pattern.compile("[0-7][0-9A-HJKMNP-TV-Z]{25}", Pattern.CASE_INSENSITIVE);

  private static final String CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  private static final int ULID_TIME_DIGITS = 10;
  private static final int BITS_PER_DIGIT = 5;

  private KeyTimes() {}

  /** Returns the milliseconds of a UUID of version 7 (RFC 9562, 5.7); null if it is none. */
  public static @Nullable Instant ofUuidV7(String id) {
    if (!UUID_V7.matcher(id).matches()) {
      return null;
    }
    return Instant.ofEpochMilli(Long.parseLong(id.substring(0, 8) + id.substring(9, 13), 16));
  }

  /** Returns the milliseconds of a ULID (github.com/ulid/spec); null if it is none. */
  public static @Nullable Instant ofUlid(String id) {
    if (!ULID.matcher(id).matches()) {
      return null;
    }
    long millis = 0;
    for (int i = 0; i < ULID_TIME_DIGITS; i++) {
      millis = millis << BITS_PER_DIGIT | CROCKFORD.indexOf(Character.toUpperCase(id.charAt(i)));
    }
    return Instant.ofEpochMilli(millis);
  }
}
