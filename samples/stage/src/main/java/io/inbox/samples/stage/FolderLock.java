package io.inbox.samples.stage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A folder that one process has for itself; the operating system takes it back from a dead one. */
public final class FolderLock implements AutoCloseable {
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);

  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes a folder, which is created if it is missing, for this process; waits so long for one that
   * is ending. Empty if another process keeps it.
   */
  public static Optional<FolderLock> take(Path folder, Duration patience) throws IOException {
    Files.createDirectories(folder);
    FileChannel channel =
        FileChannel.open(
            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    Instant end = Instant.now().plus(patience);
    while (lock(channel) == null) {
      if (Instant.now().isAfter(end)) {
        channel.close();
        return Optional.empty();
      }
      LockSupport.parkNanos(LOOK_EVERY.toNanos());
    }
    return Optional.of(new FolderLock(channel));
  }

  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // this process has it already
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // It ends with the process.
    }
  }
}
