package io.inbox.samples.quickstart;

import io.inbox.Message;
import io.inbox.error.InvalidMessageException;
import io.inbox.json.JsonDocument;
import io.inbox.samples.stage.Stop;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One arrival of a webhook: a line of the input.
 *
 * @param line its number in the input, the delivery's name in the books
 * @param id the message id
 * @param time when it happened, if the webhook says so
 * @param content SHA-256 of what it says, in hexadecimal digits
 * @param payload the line itself
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares deliveries
record Delivery(long line, String id, @Nullable Instant time, String content, byte[] payload) {
  private static final Duration FARTHEST = Duration.ofDays(36_000);
  private static final BigDecimal FIRST_MILLISECONDS = BigDecimal.valueOf(100_000_000_000L);

  /** Reads a line; throws {@link Stop} naming line and place if it is no webhook. */
  static Delivery of(Lines.Line line, Pointers pointers, String input) {
    try {
      JsonDocument webhook = JsonDocument.parse(line.bytes());
      String id =
          webhook
              .text(pointers.id())
              .orElseThrow(() -> Stop.input("there is no message id at " + at(pointers.id())));
      Instant time = time(webhook, pointers.time()).orElse(null);
      // What the library would refuse is the input's fault, so it is found here, with the line.
      Message.builder(id).time(time).build();
      return new Delivery(line.number(), id, time, Sha256.hex(webhook.canonical()), line.bytes());
    } catch (InvalidMessageException | Stop e) {
      throw Stop.input(input + ", line " + line.number() + ": " + e.getMessage());
    }
  }

  private static Optional<Instant> time(JsonDocument webhook, String pointer) {
    Optional<String> text = webhook.text(pointer);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Instant time;
    try {
      time = instant(text.get());
    } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
      throw Stop.input(
          "no time can be read at "
              + at(pointer)
              + " (needed ISO 8601 with an offset, such as 2026-01-31T23:59:59Z, or seconds or milliseconds since 1970)");
    }
    if (Duration.between(time, Instant.now()).abs().compareTo(FARTHEST) > 0) {
      throw Stop.input("the time at " + at(pointer) + " is more than 98 years away");
    }
    return Optional.of(time);
  }

  private static Instant instant(String text) {
    if (!text.isEmpty() && text.indexOf('T') < 0 && text.indexOf('-', 1) < 0) {
      BigDecimal number = new BigDecimal(text);
      boolean milliseconds = number.abs().compareTo(FIRST_MILLISECONDS) >= 0;
      BigDecimal seconds = milliseconds ? number.movePointLeft(3) : number;
      long whole = seconds.setScale(0, java.math.RoundingMode.FLOOR).longValueExact();
      return Instant.ofEpochSecond(
          whole, seconds.subtract(BigDecimal.valueOf(whole)).movePointRight(9).longValue());
    }
    return OffsetDateTime.parse(text).toInstant();
  }

  private static String at(String pointer) {
    return pointer.isEmpty() ? "the root" : pointer;
  }

  Message message(int deliveryCount) {
    return Message.builder(id).time(time).deliveryCount(deliveryCount).payload(payload).build();
  }

  void write(DataOutputStream out) throws IOException {
    out.writeLong(line);
    out.writeUTF(id);
    out.writeUTF(time == null ? "" : time.toString());
    out.writeUTF(content);
    out.writeInt(payload.length);
    out.write(payload);
  }

  static Delivery read(DataInputStream in) throws IOException {
    long line = in.readLong();
    String id = in.readUTF();
    String time = in.readUTF();
    String content = in.readUTF();
    byte[] payload = new byte[in.readInt()];
    in.readFully(payload);
    return new Delivery(line, id, time.isEmpty() ? null : Instant.parse(time), content, payload);
  }
}
