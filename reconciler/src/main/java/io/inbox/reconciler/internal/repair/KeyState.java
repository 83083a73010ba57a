package io.inbox.reconciler.internal.repair;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is known about a key.
 *
 * @param at when it was handled or given up, null where it is not known
 * @param resultBytes how long its stored result is, -1 for none
 * @param kept how many messages are kept to be sent again
 * @param openLetters how many dead letters of it are open
 */
record KeyState(
    @Nullable Instant at,
    boolean givenUp,
    int resultBytes,
    int attempts,
    int kept,
    int openLetters) {
  boolean isKnown() {
    return at != null;
  }

  boolean isHandled() {
    return at != null && !givenUp;
  }

  /** Returns it for people, without anything that a message said. */
  String text() {
    StringBuilder text = new StringBuilder();
    text.append(at == null ? "not known" : (givenUp ? "given up at " : "handled at ") + at);
    if (resultBytes >= 0) {
      text.append("; a result of ").append(count(resultBytes, "byte"));
    }
    append(text, attempts, "failed attempt");
    append(text, kept, "kept message");
    append(text, openLetters, "open dead letter");
    return text.toString();
  }

  private static void append(StringBuilder text, int number, String thing) {
    if (number > 0) {
      text.append("; ").append(count(number, thing));
    }
  }

  static String count(int number, String thing) {
    return String.format(Locale.ROOT, "%,d", number) + " " + thing + (number == 1 ? "" : "s");
  }
}
