package io.inbox;

import io.inbox.error.InvalidMessageException;
import io.inbox.internal.Sha256;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Starts a message from what identifies it when the producer gives no ready id. Each way sets
 * source and id so that two different messages never meet under one key; parts are kept apart or
 * hashed with their lengths, never glued.
 */
public final class MessageIds {
  private static final int LONGEST_SOURCE = 200;

  private MessageIds() {}

  /**
   * Takes the id from a header.
   *
   * @param headers all headers; the message gets them
   * @param name the header's name, compared exactly
   * @throws InvalidMessageException if the header is missing
   */
  public static Message.Builder fromHeader(Map<String, String> headers, String name) {
    @Nullable String id = headers.get(name);
    if (id == null) {
      throw new InvalidMessageException(
          "IBX-101",
          "message id is null: the header '"
              + name
              + "' is missing (have the producer set it, or derive the id another way, see MessageIds)");
    }
    return Message.builder(id).headers(headers);
  }

  /**
   * Uses a producer and its own sequence number, unique for good per producer.
   *
   * @param producer becomes the source
   * @param sequence becomes the id, zero-padded to 19 digits so that ids sort as numbers; not
   *     negative
   */
  public static Message.Builder fromSequence(String producer, long sequence) {
    if (sequence < 0) {
      throw new InvalidMessageException(
          "IBX-101", "sequence of producer '" + producer + "' is negative: " + sequence);
    }
    return Message.builder(padded(sequence)).source(producer);
  }

  /**
   * Uses the broker's position. Safe against redelivery by the broker, not against a producer that
   * sends the same message twice; a topic that is deleted and made again starts its offsets anew,
   * so give it another name.
   *
   * @param topic with the partition, becomes the source; hashed where both have more than 200
   *     characters
   * @param partition not negative
   * @param offset becomes the id, zero-padded to 19 digits; not negative
   */
  public static Message.Builder fromPosition(String topic, int partition, long offset) {
    if (partition < 0 || offset < 0) {
      throw new InvalidMessageException(
          "IBX-101", "position is negative: partition " + partition + ", offset " + offset);
    }
    // The partition comes first and is a number, so no topic's name can imitate another pair.
    String source = partition + "@" + topic;
    return Message.builder(padded(offset))
        .source(
            source.length() <= LONGEST_SOURCE ? source : partition + "@sha256:" + sha256(topic));
  }

  /**
   * Uses the pair that CloudEvents 1.0 declares unique.
   *
   * @param source the attribute {@code source}
   * @param id the attribute {@code id}
   */
  public static Message.Builder fromCloudEvent(String source, String id) {
    return Message.builder(id).source(source);
  }

  /**
   * Uses what the message says: two messages that say the same are then one. Last resort, for
   * producers without any id.
   *
   * @param source the producer or channel
   * @param payload the payload; the message gets it
   * @param canonicalizer brings equal payloads to equal bytes
   * @throws RuntimeException what the canonicaliser throws, where the payload has no canonical form
   */
  public static Message.Builder fromContent(
      String source, byte[] payload, Fingerprint.Canonicalizer canonicalizer) {
    return Message.builder(Sha256.hex(Sha256.of(canonicalizer.canonicalize(payload))))
        .source(source)
        .payload(payload);
  }

  /**
   * Returns an id for parts of any length, 64 hexadecimal digits: the SHA-256 of the parts, each
   * after its length.
   *
   * @param parts at least one; may contain anything
   */
  public static String sha256(String... parts) {
    byte[][] bytes = new byte[parts.length][];
    for (int i = 0; i < parts.length; i++) {
      bytes[i] = Sha256.utf8(parts[i]);
    }
    return Sha256.hex(Sha256.ofParts(bytes));
  }

  private static String padded(long number) {
    return String.format("%019d", number);
  }
}
