package io.inbox.benchmarks;

/** The messages that every outbox is filled with. */
final class Backlog {
  static final int PAYLOAD_BYTES = 200;
  static final int KEYS = 1_000;
  static final String TOPIC = "orders";

  private Backlog() {}

  static String key(long number) {
    return "order-" + number % KEYS;
  }

  /** Letters only, so that peers that store text store as many bytes. */
  static byte[] payload() {
    byte[] payload = new byte[PAYLOAD_BYTES];
    for (int i = 0; i < payload.length; i++) {
      payload[i] = (byte) ('a' + i % 26);
    }
    return payload;
  }
}
