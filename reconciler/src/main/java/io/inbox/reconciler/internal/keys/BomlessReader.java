package io.inbox.reconciler.internal.keys;

import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;

/** Leaves out the mark that some programs write in front of UTF-8. */
final class BomlessReader extends FilterReader {
  private static final char MARK = '\uFEFF';

  private boolean begun;

  BomlessReader(Reader in) {
    super(in);
  }

  @Override
  public int read() throws IOException {
    int c = super.read();
    boolean first = !begun;
    begun = true;
    return first && c == MARK ? super.read() : c;
  }

  @Override
  public int read(char[] buffer, int offset, int length) throws IOException {
    if (!begun && length > 0) {
      int first = read();
      if (first < 0) {
        return -1;
      }
      buffer[offset] = (char) first;
      return 1;
    }
    return super.read(buffer, offset, length);
  }
}
