package io.inbox.spi;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Turns a value into bytes and back: payloads for typed handlers, results for storage. Thread-safe.
 * It decodes to a type fixed in code; type names in the bytes must never choose a class.
 *
 * @param <T> the value's type
 */
public interface Codec<T> {
  /**
   * Returns the value.
   *
   * @throws Exception naming the place, never the content, when the bytes are not a value; the
   *     delivery then counts as a failed attempt
   */
  T decode(byte[] bytes) throws Exception;

  /**
   * Returns the bytes of a value: equal values give equal bytes where signatures are to be
   * compared.
   *
   * @throws Exception when the value cannot be written; the transaction is then rolled back
   */
  byte[] encode(T value) throws Exception;

  /** Returns the codec that takes bytes as they are. */
  static Codec<byte[]> bytes() {
    return new Codec<>() {
      @Override
      public byte[] decode(byte[] bytes) {
        return bytes;
      }

      @Override
      public byte[] encode(byte[] value) {
        return value;
      }
    };
  }

  /** Returns the codec of text as UTF-8; malformed bytes are refused. */
  static Codec<String> utf8() {
    return new Codec<>() {
      @Override
      public String decode(byte[] bytes) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      }

      @Override
      public byte[] encode(String value) {
        return value.getBytes(StandardCharsets.UTF_8);
      }
    };
  }
}
