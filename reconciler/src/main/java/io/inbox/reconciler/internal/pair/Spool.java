package io.inbox.reconciler.internal.pair;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows in files of their own, one for each range of hashes, so that those of a few buckets can be
 * read without the others. In a folder that only this user can read; deleted when closed.
 */
final class Spool implements AutoCloseable {
  /** As many files are open while it is written. */
  static final int FILES = 64;

  private static final int BUFFER = 16_384;
  private static final int NULL = -1;

  private final Path folder;
  private final int columns;
  private final List<DataOutputStream> writers = new ArrayList<>();

  Spool(int columns) throws IOException {
    this.folder = Files.createTempDirectory("inbox-reconciler");
    this.columns = columns;
    try {
      for (int i = 0; i < FILES; i++) {
        writers.add(
            new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file(i)), BUFFER)));
      }
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private Path file(int index) {
    return folder.resolve(String.valueOf(index));
  }

  /** Returns the file that a hash belongs to, ascending as signed hashes are. */
  static int fileOf(long hash) {
    return (int) (hash >> 58) + FILES / 2;
  }

  void write(long hash, List<@Nullable String> row) throws IOException {
    DataOutputStream writer = writers.get(fileOf(hash));
    writer.writeLong(hash);
    for (int i = 0; i < columns; i++) {
      @Nullable String text = row.get(i);
      if (text == null) {
        writer.writeInt(NULL);
      } else {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        writer.writeInt(bytes.length);
        writer.write(bytes);
      }
    }
  }

  /** Ends writing. */
  void written() throws IOException {
    for (DataOutputStream writer : writers) {
      writer.close();
    }
    writers.clear();
  }

  /** What is done with a row. */
  interface Reader {
    void row(long hash, List<@Nullable String> row) throws IOException;
  }

  void read(int index, Reader reader) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file(index)), BUFFER))) {
      while (true) {
        long hash;
        try {
          hash = in.readLong();
        } catch (EOFException e) {
          return;
        }
        List<@Nullable String> row = new ArrayList<>(columns);
        for (int i = 0; i < columns; i++) {
          int length = in.readInt();
          row.add(
              length == NULL ? null : new String(in.readNBytes(length), StandardCharsets.UTF_8));
        }
        reader.row(hash, row);
      }
    }
  }

  @Override
  public void close() throws IOException {
    written();
    for (int i = 0; i < FILES; i++) {
      Files.deleteIfExists(file(i));
    }
    Files.deleteIfExists(folder);
  }
}
