package io.inbox.torture.driver;

import io.inbox.torture.wire.Parcel;
import io.inbox.torture.wire.Parcel.Receipt;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Where all relays publish to. It writes down every message in the order of its arrival, and
 * confirms a batch once that is on disk, unless it is told otherwise.
 */
final class Receiver implements AutoCloseable {
  private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(700);

  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final Journal journal;
  private final AtomicLong received = new AtomicLong();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger unheard = new AtomicInteger();
  private final AtomicInteger failing = new AtomicInteger();
  private final AtomicInteger slow = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private volatile boolean down;

  Receiver(Journal journal) throws IOException {
    this.journal = journal;
    Threads.daemon("receiver", this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** Returns how many messages came, repeats included. */
  long received() {
    return received.get();
  }

  void down(boolean on) {
    down = on;
  }

  /** The next batches are written down and their answers lost. */
  void loseAnswers(int batches) {
    unheard.addAndGet(batches);
  }

  /** The next batches have a message that fails. */
  void fail(int batches) {
    failing.addAndGet(batches);
  }

  void slowDown(int batches) {
    slow.addAndGet(batches);
  }

  /** Returns how many batches were not taken while the receiver was down. */
  int refused() {
    return refused.get();
  }

  /** Returns how many of the batches it was told to fail, to lose or to delay are still to come. */
  int left() {
    return unheard.get() + failing.get() + slow.get();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Threads.daemon("receiver-line", () -> serve(socket));
      } catch (IOException e) {
        // Closed: the run is over.
      }
    }
  }

  private void serve(Socket socket) {
    try (socket;
        DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        DataOutputStream out =
            new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()))) {
      socket.setTcpNoDelay(true);
      String line = in.readInt() + "." + connections.incrementAndGet();
      while (true) {
        List<Receipt> receipts = receive(line, Parcel.read(in));
        if (takes(slow)) {
          LockSupport.parkNanos(SLOW_NANOS);
        }
        if (takes(unheard)) {
          return;
        }
        for (Receipt receipt : receipts) {
          out.writeUTF(receipt.name());
        }
        out.flush();
      }
    } catch (IOException e) {
      // The relay was killed, or the run is over.
    }
  }

  private static boolean takes(AtomicInteger left) {
    return left.get() > 0 && left.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
  }

  /** Writes down what is taken; within a lane nothing is taken behind what failed. */
  private List<Receipt> receive(String line, List<Parcel> batch) {
    List<Receipt> receipts = new ArrayList<>(batch.size());
    if (down) {
      refused.incrementAndGet();
      batch.forEach(unused -> receipts.add(Receipt.UNAVAILABLE));
      return receipts;
    }
    int fails = takes(failing) ? batch.size() / 2 : -1;
    Set<String> failed = new HashSet<>();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < batch.size(); i++) {
      Parcel parcel = batch.get(i);
      if (failed.contains(parcel.lane())) {
        receipts.add(Receipt.SKIPPED);
      } else if (i == fails) {
        failed.add(parcel.lane());
        receipts.add(Receipt.FAILED);
      } else {
        receipts.add(Receipt.SENT);
        text.append(line)
            .append(' ')
            .append(parcel.lane())
            .append(' ')
            .append(parcel.version())
            .append(' ')
            .append(parcel.message())
            .append(' ')
            .append(parcel.attempt())
            .append('\n');
      }
    }
    received.addAndGet(receipts.stream().filter(Receipt.SENT::equals).count());
    journal.write(text.toString());
    return receipts;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
