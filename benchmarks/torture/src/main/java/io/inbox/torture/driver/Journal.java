package io.inbox.torture.driver;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A file of lines, forced to disk: many callers share one force. Written by the driver, which
 * nobody kills. Thread-safe.
 */
final class Journal implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;
  private final BlockingQueue<Entry> queue = new LinkedBlockingQueue<>();
  private final Thread writer;

  private Journal(Path file) throws IOException {
    this.file = file;
    this.channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    this.writer = new Thread(this::run, "journal");
    writer.setDaemon(true);
  }

  static Journal open(Path file) throws IOException {
    Journal journal = new Journal(file);
    journal.writer.start();
    return journal;
  }

  /** Text, and who waits for it; the last entry has no text. */
  private record Entry(String text, CompletableFuture<Void> written, boolean last) {}

  Path file() {
    return file;
  }

  /** Adds lines. */
  void add(String lines) {
    queue.add(new Entry(lines, new CompletableFuture<>(), false));
  }

  /** Adds lines and waits until they are on disk. */
  void write(String lines) {
    CompletableFuture<Void> written = new CompletableFuture<>();
    queue.add(new Entry(lines, written, false));
    written.join();
  }

  private void run() {
    List<Entry> entries = new ArrayList<>();
    boolean last = false;
    try {
      while (!last) {
        entries.clear();
        entries.add(queue.take());
        queue.drainTo(entries);
        StringBuilder text = new StringBuilder();
        for (Entry entry : entries) {
          text.append(entry.text);
          last |= entry.last;
        }
        ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(false);
        entries.forEach(entry -> entry.written.complete(null));
      }
    } catch (IOException e) {
      entries.forEach(entry -> entry.written.completeExceptionally(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the file once everything is in it. */
  @Override
  public void close() {
    CompletableFuture<Void> end = new CompletableFuture<>();
    queue.add(new Entry("", end, true));
    end.join();
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
