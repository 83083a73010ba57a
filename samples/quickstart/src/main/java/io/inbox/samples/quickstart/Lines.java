package io.inbox.samples.quickstart;

import io.inbox.samples.stage.Stop;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads a file line by line as bytes; blank lines are skipped but counted. */
final class Lines implements AutoCloseable {
  private static final int LONGEST = 16 * 1024 * 1024;
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final String name;
  private final InputStream in;
  private long number;

  /** One line: its number in the file, from 1, and its bytes. */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares lines
  record Line(long number, byte[] bytes) {}

  private Lines(String name, InputStream in) {
    this.name = name;
    this.in = in;
  }

  static Lines open(Path file, String name) {
    if (Files.isDirectory(file)) {
      throw Stop.input(name + " is a directory (give a file with one JSON object per line)");
    }
    try {
      BufferedInputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
      in.mark(BYTE_ORDER_MARK.length);
      if (!java.util.Arrays.equals(in.readNBytes(BYTE_ORDER_MARK.length), BYTE_ORDER_MARK)) {
        in.reset();
      }
      return new Lines(name, in);
    } catch (NoSuchFileException e) {
      throw Stop.input(
          "there is no file "
              + file.toAbsolutePath().normalize()
              + " (check --input; a relative path starts where mvn was started)");
    } catch (IOException e) {
      throw Stop.input(name + " cannot be read: " + e.getMessage());
    }
  }

  /** Returns the number of lines that are not blank. */
  static long count(Path file, String name) {
    try (Lines lines = open(file, name)) {
      long count = 0;
      while (lines.next() != null) {
        count++;
      }
      return count;
    }
  }

  @Nullable Line next() {
    try {
      for (byte[] bytes = read(); bytes != null; bytes = read()) {
        number++;
        if (!blank(bytes)) {
          return new Line(number, bytes);
        }
      }
      return null;
    } catch (IOException e) {
      throw Stop.input(name + " cannot be read after line " + number + ": " + e.getMessage());
    }
  }

  private byte @Nullable [] read() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(512);
    int b = in.read();
    if (b < 0) {
      return null;
    }
    for (; b >= 0 && b != '\n'; b = in.read()) {
      if (line.size() == LONGEST) {
        throw Stop.input(
            name + ", line " + (number + 1) + ": longer than 16 MiB (one JSON object per line)");
      }
      line.write(b);
    }
    return line.toByteArray();
  }

  private static boolean blank(byte[] bytes) {
    for (byte b : bytes) {
      if (b != ' ' && b != '\t' && b != '\r') {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw Stop.input(name + " cannot be closed: " + e.getMessage());
    }
  }
}
