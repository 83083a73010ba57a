package io.inbox.testkit.fault;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/**
 * Finds, in what the server says first, the process id of the backend. Before the messages there
 * may be single bytes that refuse encryption. Not thread-safe.
 */
final class BackendKey {
  private static final byte REFUSED = 'N';
  private static final byte KEY_DATA = 'K';
  private static final int HEAD = 5;

  private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
  private boolean begun;
  private int processId;

  /** Reads a piece of what the server sends; returns the process id once it is known, else 0. */
  int read(byte[] bytes, int length) {
    if (processId != 0) {
      return processId;
    }
    pending.write(bytes, 0, length);
    ByteBuffer buffer = ByteBuffer.wrap(pending.toByteArray());
    while (!begun && buffer.hasRemaining() && buffer.get(buffer.position()) == REFUSED) {
      buffer.get();
    }
    begun |= buffer.hasRemaining();
    while (buffer.remaining() >= HEAD
        && buffer.remaining() > buffer.getInt(buffer.position() + 1)) {
      byte type = buffer.get(buffer.position());
      if (type == KEY_DATA) {
        processId = buffer.getInt(buffer.position() + HEAD);
        return processId;
      }
      buffer.position(buffer.position() + 1 + buffer.getInt(buffer.position() + 1));
    }
    pending.reset();
    pending.write(buffer.array(), buffer.position(), buffer.remaining());
    return 0;
  }
}
