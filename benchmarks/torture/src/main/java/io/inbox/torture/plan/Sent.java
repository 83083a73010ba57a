package io.inbox.torture.plan;

import java.nio.charset.StandardCharsets;

/**
 * A message as its producer sent it.
 *
 * @param number which one of the run, from 0
 * @param group to whom
 * @param source the channel its id is unique in
 * @param id its id
 * @param account the account it changes
 * @param amount by how much
 * @param kind what is to become of it
 */
public record Sent(
    int number, Group group, String source, String id, String account, long amount, Kind kind) {
  /** Returns the payload; an altered copy has another one under the same key. */
  public byte[] payload(boolean altered) {
    String text = number + ":" + amount + (altered ? ":altered" : "");
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Returns the number of the message that a payload is of. */
  public static int number(byte[] payload) {
    int number = 0;
    for (int i = 0; payload[i] != ':'; i++) {
      number = 10 * number + payload[i] - '0';
    }
    return number;
  }
}
