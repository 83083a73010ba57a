package io.inbox.internal;

/** Compares strings as their UTF-8 bytes compare, without encoding them. */
public final class Utf8Order {
  private Utf8Order() {}

  /**
   * Compares two well-formed strings by code point, which is the order of their UTF-8 bytes. {@code
   * String.compareTo} is not: it sorts the surrogates of U+10000 and above before U+E000.
   */
  public static int compare(String a, String b) {
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
