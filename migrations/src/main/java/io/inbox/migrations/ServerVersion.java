package io.inbox.migrations;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The version of a database server, as far as it decides whether Inbox supports it. */
record ServerVersion(int major, int minor, int build) implements Comparable<ServerVersion> {
  private static final Pattern LEADING_NUMBERS =
      Pattern.compile("(\\d+)(?:\\.(\\d+))?(?:\\.(\\d+))?");
  private static final Comparator<ServerVersion> ORDER =
      Comparator.comparingInt(ServerVersion::major)
          .thenComparingInt(ServerVersion::minor)
          .thenComparingInt(ServerVersion::build);

  /**
   * Reads what drivers report, such as {@code 18.6 (Debian 18.6-1)} or {@code 2.4.240
   * (2025-09-22)}.
   */
  static ServerVersion parse(String reported) {
    Matcher matcher = LEADING_NUMBERS.matcher(reported);
    if (!matcher.lookingAt()) {
      return new ServerVersion(0, 0, 0);
    }
    return new ServerVersion(
        number(matcher.group(1)), number(matcher.group(2)), number(matcher.group(3)));
  }

  private static int number(@Nullable String digits) {
    return digits == null ? 0 : Integer.parseInt(digits);
  }

  @Override
  public int compareTo(ServerVersion other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return build == 0 && minor == 0 ? String.valueOf(major) : major + "." + minor + "." + build;
  }
}
