package io.inbox.torture.soak;

import io.inbox.Message;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/**
 * A message as it was sent. What is to become of it follows from its number, and so does whose it
 * is.
 *
 * @param number which one of the run, from 0
 * @param time when
 */
record Sent(int number, Instant time) {
  static final List<String> CONSUMERS = List.of("ledger", "audit");

  private static final int KEYS = 100;

  /** What is to become of a message. */
  enum Kind {
    NORMAL,
    /** Its handler throws once. */
    FAILS_ONCE,
    /** Its handler always throws. */
    POISON
  }

  /** One in 400 is poison, one in 50 fails once. */
  static Kind kind(int number) {
    int drawn = ((number * 0x9E3779B9) >>> 8) % 400;
    return drawn == 0 ? Kind.POISON : drawn <= 8 ? Kind.FAILS_ONCE : Kind.NORMAL;
  }

  static int consumer(int number) {
    return number % CONSUMERS.size();
  }

  static String id(int number) {
    return "m" + number;
  }

  /** What it is about; what is appended for it has the same key. */
  static String key(int number) {
    return "k" + number % KEYS;
  }

  static byte[] payload(int number) {
    return Integer.toString(number).getBytes(StandardCharsets.UTF_8);
  }

  /** Returns the number in a payload. */
  static int number(byte[] payload) {
    return Integer.parseInt(new String(payload, StandardCharsets.UTF_8));
  }

  Message message() {
    return Message.builder(id(number))
        .time(time)
        .subject(key(number))
        .payload(payload(number))
        .build();
  }
}
