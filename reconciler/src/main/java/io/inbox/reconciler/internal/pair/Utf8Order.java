package io.inbox.reconciler.internal.pair;

/** Compares strings as their UTF-8 bytes compare, which is what both databases are asked to do. */
final class Utf8Order {
  private Utf8Order() {}

  /** Compares two well-formed strings by code point. {@code String.compareTo} does not. */
  static int compare(String a, String b) {
    int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean xHigh = Character.isSurrogate(x);
        return xHigh == Character.isSurrogate(y) ? x - y : xHigh ? 1 : -1;
      }
    }
    return a.length() - b.length();
  }
}
