package io.inbox.testkit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.h2.store.fs.FileBase;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/** Files of H2, {@code jdbc:h2:gated:...}, to which nothing is written while a gate is closed. */
public final class GatedFiles extends FilePathWrapper {
  private static final ReentrantLock LOCK = new ReentrantLock();
  private static final Condition CHANGED = LOCK.newCondition();
  private static boolean closed;
  private static int waiting;

  /** Makes the scheme known to H2, which creates paths by this constructor. */
  public GatedFiles() {}

  static void register() {
    FilePath.register(new GatedFiles());
  }

  static void close() {
    LOCK.lock();
    try {
      closed = true;
    } finally {
      LOCK.unlock();
    }
  }

  static void open() {
    LOCK.lock();
    try {
      closed = false;
      CHANGED.signalAll();
    } finally {
      LOCK.unlock();
    }
  }

  /** Waits until somebody wants to write. */
  static void awaitWriter() throws InterruptedException {
    LOCK.lock();
    try {
      while (waiting == 0) {
        CHANGED.await();
      }
    } finally {
      LOCK.unlock();
    }
  }

  private static void pass() {
    LOCK.lock();
    try {
      waiting++;
      CHANGED.signalAll();
      while (closed) {
        CHANGED.awaitUninterruptibly();
      }
      waiting--;
    } finally {
      LOCK.unlock();
    }
  }

  @Override
  public String getScheme() {
    return "gated";
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    return new GatedFile(super.open(mode));
  }

  /** A file behind the gate. */
  private static final class GatedFile extends FileBase {
    private final FileChannel file;

    GatedFile(FileChannel file) {
      this.file = file;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      pass();
      return file.write(bytes);
    }

    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized") // the file below does as it likes
    public int write(ByteBuffer bytes, long position) throws IOException {
      pass();
      return file.write(bytes, position);
    }

    @Override
    public int read(ByteBuffer bytes) throws IOException {
      return file.read(bytes);
    }

    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized") // the file below does as it likes
    public int read(ByteBuffer bytes, long position) throws IOException {
      return file.read(bytes, position);
    }

    @Override
    public long position() throws IOException {
      return file.position();
    }

    @Override
    public FileChannel position(long position) throws IOException {
      file.position(position);
      return this;
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
      file.truncate(size);
      return this;
    }

    @Override
    public void force(boolean metaData) throws IOException {
      file.force(metaData);
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
      return file.tryLock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
      file.close();
    }
  }
}
