package io.inbox.testkit.fault;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/**
 * Counts the round trips of one client: the messages of the PostgreSQL protocol that make the
 * server answer and the client wait, which are Sync and simple Query, but not BEGIN, which the
 * driver sends together with the first statement. Not thread-safe.
 */
final class RoundTrips {
  private static final int LENGTH = 4;
  private static final int PROTOCOL_3 = 196_608;

  private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
  private boolean started;

  /** Reads a piece of what the client sends; returns how many round trips ended in it. */
  int read(byte[] bytes, int length) {
    pending.write(bytes, 0, length);
    ByteBuffer buffer = ByteBuffer.wrap(pending.toByteArray());
    int found = 0;
    while (complete(buffer)) {
      found += one(buffer);
    }
    pending.reset();
    pending.write(buffer.array(), buffer.position(), buffer.remaining());
    return found;
  }

  private boolean complete(ByteBuffer buffer) {
    int head = started ? 1 : 0; // what precedes the start-up has no type
    return buffer.remaining() >= head + LENGTH
        && buffer.remaining() >= head + buffer.getInt(buffer.position() + head);
  }

  private int one(ByteBuffer buffer) {
    if (!started) {
      started = buffer.getInt(buffer.position() + LENGTH) >= PROTOCOL_3 && !request(buffer);
      buffer.position(buffer.position() + buffer.getInt(buffer.position()));
      return 0;
    }
    byte type = buffer.get();
    int body = buffer.position() + LENGTH;
    buffer.position(buffer.position() + buffer.getInt(buffer.position()));
    return type == 'S' || (type == 'Q' && buffer.get(body) != 'B') ? 1 : 0;
  }

  /** Whether this is a request for TLS or GSS encryption, which the start-up follows. */
  private static boolean request(ByteBuffer buffer) {
    return buffer.getInt(buffer.position()) == 2 * LENGTH;
  }
}
