package io.inbox.reconciler.internal.keys;

import io.inbox.reconciler.internal.keys.KeyReader.Line;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** Lines without quotes, empty ones left out. */
final class PlainLines implements Iterator<Line> {
  private final BufferedReader in;
  private final boolean tabs;
  private @Nullable Line next;
  private long number;

  PlainLines(Reader in, boolean tabs) {
    this.in = new BufferedReader(new BomlessReader(in));
    this.tabs = tabs;
  }

  @Override
  public boolean hasNext() {
    try {
      while (next == null) {
        @Nullable String text = in.readLine();
        if (text == null) {
          return false;
        }
        number++;
        if (!text.isEmpty()) {
          next = new Line(number, tabs ? List.of(text.split("\t", -1)) : List.of(text));
        }
      }
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Line next() {
    if (!hasNext() || next == null) {
      throw new NoSuchElementException();
    }
    Line line = next;
    next = null;
    return line;
  }
}
