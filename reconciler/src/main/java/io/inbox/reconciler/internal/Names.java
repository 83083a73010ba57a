package io.inbox.reconciler.internal;

import io.inbox.MessageKey;
import io.inbox.error.ConfigurationException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The rules for the names of checks and consumers. */
public final class Names {
  private static final Pattern CHECK = Pattern.compile("[a-z][a-z0-9.-]{0,99}");

  private Names() {}

  /**
   * Checks the name of a check that is not built in.
   *
   * @throws ConfigurationException if it is none
   */
  public static void ofOwnCheck(@Nullable String name) {
    if (name == null || !CHECK.matcher(name).matches()) {
      throw new ConfigurationException(
          "IBX-610",
          "the name of a check must be 1 to 100 lower-case letters, digits, dots and dashes,"
              + " beginning with a letter, got "
              + name);
    }
    if (name.startsWith("inbox.")) {
      throw new ConfigurationException(
          "IBX-610", "names that begin with inbox. belong to the built-in checks, got " + name);
    }
  }

  /**
   * Checks the name of a consumer.
   *
   * @throws io.inbox.error.InvalidMessageException if it is none
   */
  public static void consumer(@Nullable String name) {
    new MessageKey("", String.valueOf(name), "", "any");
  }
}
