package io.inbox.json;

import io.inbox.error.InvalidMessageException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Takes JSON pointers (RFC 6901) apart. */
final class Pointer {
  private static final Pattern WRONG_ESCAPE = Pattern.compile("~(?![01])");
  private static final Pattern INDEX = Pattern.compile("0|[1-9][0-9]{0,8}");

  private Pointer() {}

  /** Returns the names on the way from the root, unescaped. */
  static List<String> names(String pointer) {
    if (pointer.isEmpty()) {
      return List.of();
    }
    if (pointer.charAt(0) != '/') {
      throw wrong(pointer, "it must be empty or start with a slash");
    }
    if (WRONG_ESCAPE.matcher(pointer).find()) {
      throw wrong(pointer, "a tilde must be written ~0, a slash in a name ~1");
    }
    List<String> names = new ArrayList<>();
    int start = 1;
    for (int end = pointer.indexOf('/', start); end >= 0; end = pointer.indexOf('/', start)) {
      names.add(unescaped(pointer.substring(start, end)));
      start = end + 1;
    }
    names.add(unescaped(pointer.substring(start)));
    return names;
  }

  /** Returns the index a name denotes in an array, or -1 for one that no element has. */
  static int index(String name) {
    return INDEX.matcher(name).matches() ? Integer.parseInt(name) : -1;
  }

  private static String unescaped(String name) {
    // In this order: "~01" is a tilde and a one.
    return name.replace("~1", "/").replace("~0", "~");
  }

  private static InvalidMessageException wrong(String pointer, String rule) {
    return new InvalidMessageException("IBX-133", "'" + pointer + "' is no JSON pointer: " + rule);
  }
}
