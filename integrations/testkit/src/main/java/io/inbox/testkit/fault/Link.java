package io.inbox.testkit.fault;

import io.inbox.testkit.fault.FaultProxy.Fault;
import io.inbox.testkit.fault.Held.Part;
import io.inbox.testkit.fault.Held.Verdict;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One client's connection to a {@link FaultProxy} and the one to the server behind it. */
final class Link {
  private final FaultProxy proxy;
  private final Socket client;
  private final Socket server;
  private final RoundTrips counter = new RoundTrips();
  private final BackendKey key = new BackendKey();
  private final AtomicReference<@Nullable Fault> armed = new AtomicReference<>();
  private final AtomicReference<@Nullable Held> held = new AtomicReference<>();
  private volatile @Nullable Held heldReply;
  private volatile @Nullable Fault struck;
  private volatile boolean clientGone;
  private volatile int backend;

  Link(FaultProxy proxy, Socket client, Socket server) throws IOException {
    this.proxy = proxy;
    this.client = client;
    this.server = server;
    client.setTcpNoDelay(true);
    server.setTcpNoDelay(true);
  }

  void start() {
    start("proxy-requests", this::requests);
    start("proxy-replies", this::replies);
  }

  static void start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  static void closeQuietly(Closeable closeable) {
    try {
      closeable.close();
    } catch (IOException e) {
      // It was closed from the other side.
    }
  }

  /** Returns the process id of the backend, 0 while it is not known. */
  int backend() {
    return backend;
  }

  boolean isStruck() {
    return struck != null;
  }

  void arm(Fault fault) {
    armed.set(fault);
  }

  Held hold(Part part) {
    Held packet = new Held(part);
    held.set(packet);
    return packet;
  }

  private void requests() {
    byte[] buffer = new byte[65_536];
    try {
      InputStream in = client.getInputStream();
      OutputStream out = server.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (struck == null) {
          strike(); // before the request leaves, so that the reply finds it
        }
        if (struck == Fault.CUT_REQUEST || !mayPass()) {
          cut();
          return;
        }
        proxy.counted(counter.read(buffer, read));
        if (struck != Fault.BLACK_HOLE) {
          forward(buffer, read, out);
        }
      }
    } catch (IOException e) {
      // One side is gone.
    }
    if (struck != Fault.BLACK_HOLE && !clientGone) {
      cut();
    }
  }

  private void strike() {
    @Nullable Fault fault = armed.getAndSet(null);
    if (fault == null) {
      fault = proxy.next();
    }
    if (fault != null) {
      proxy.struck();
      struck = fault;
    }
  }

  /** Returns false if the request is to be dropped. */
  private boolean mayPass() {
    @Nullable Held packet = held.getAndSet(null);
    if (packet == null) {
      return true;
    }
    if (packet.part() == Part.REPLY) {
      heldReply = packet;
      return true;
    }
    Verdict verdict = packet.arrived();
    if (verdict == Verdict.CUT_CLIENT) {
      clientGone = true;
      closeQuietly(client);
      LockSupport.parkNanos(packet.lateNanos());
    }
    return verdict != Verdict.CUT;
  }

  private void replies() {
    byte[] buffer = new byte[65_536];
    try {
      InputStream in = server.getInputStream();
      OutputStream out = client.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        @Nullable Held packet = heldReply;
        heldReply = null;
        if (struck == Fault.CUT_REPLY
            || clientGone
            || (packet != null && packet.arrived() != Verdict.PASS)) {
          break;
        }
        if (struck == null) {
          backend = key.read(buffer, read);
          forward(buffer, read, out);
        }
      }
    } catch (IOException e) {
      // One side is gone.
    }
    if (struck != Fault.SWALLOW_REPLY) {
      cut();
    }
  }

  private void forward(byte[] bytes, int length, OutputStream out) throws IOException {
    if (proxy.delayNanos() > 0) {
      LockSupport.parkNanos(proxy.delayNanos());
    }
    if (proxy.fragmentNanos() < 0) {
      out.write(bytes, 0, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      out.write(bytes[i]);
      out.flush();
      LockSupport.parkNanos(proxy.fragmentNanos());
    }
  }

  void cut() {
    proxy.forget(this);
    closeQuietly(client);
    closeQuietly(server);
  }
}
