package io.inbox.reconciler.internal.retention;

import io.inbox.error.UsageException;
import org.jspecify.annotations.Nullable;

/** What names a part of keys in a rule or a hold. */
public final class KeyParts {
  private static final int LONGEST = 200;

  private KeyParts() {}

  /** Refuses null. */
  public static String present(String part, @Nullable String value) {
    if (value == null) {
      throw new UsageException("IBX-713", part + " is null (leave it out to mean all of them)");
    }
    return value;
  }

  /**
   * Refuses what no key can have; null means any.
   *
   * @param emptyIsNone whether the empty text is a value, which means there is none
   */
  public static void check(String part, @Nullable String value, boolean emptyIsNone) {
    if (value == null || (value.isEmpty() && emptyIsNone)) {
      return;
    }
    if (value.isBlank()
        || value.length() > LONGEST
        || value.chars().anyMatch(Character::isISOControl)) {
      throw new UsageException(
          "IBX-713",
          part
              + " is blank, longer than 200 characters, or has a control character: no key is like"
              + " that");
    }
  }
}
