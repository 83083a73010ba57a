package io.inbox.torture.driver;

import io.inbox.testkit.fault.ChildJvm;
import io.inbox.testkit.fault.FaultProxy;
import io.inbox.torture.wire.Order;
import io.inbox.torture.wire.Saying;
import io.inbox.torture.wire.Setting;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The driver's end of one worker, from its start to its death. */
final class WorkerLink {
  private final Setting setting;
  private final @Nullable FaultProxy proxy;
  private final BlockingQueue<Event> events;
  private final Map<Long, OpenTask> open = new HashMap<>();
  private final AtomicBoolean gone = new AtomicBoolean();
  private volatile @Nullable ChildJvm process;
  private volatile @Nullable DataOutputStream out;
  private volatile @Nullable Socket socket;
  private boolean ready;

  WorkerLink(Setting setting, @Nullable FaultProxy proxy, BlockingQueue<Event> events) {
    this.setting = setting;
    this.proxy = proxy;
    this.events = events;
  }

  int number() {
    return setting.worker();
  }

  /** Returns the proxy between the worker and its database, where there is a server. */
  Optional<FaultProxy> proxy() {
    return Optional.ofNullable(proxy);
  }

  /** Returns its process; empty for one that is a thread of this process. */
  Optional<ChildJvm> process() {
    return Optional.ofNullable(process);
  }

  void runsIn(ChildJvm jvm) {
    process = jvm;
  }

  /** Tasks that were given to it and not answered. Used by the broker only. */
  Map<Long, OpenTask> open() {
    return open;
  }

  boolean ready() {
    return ready && !gone.get();
  }

  void nowReady() {
    ready = true;
  }

  boolean isGone() {
    return gone.get();
  }

  /** Takes over the connection that it made, tells it its setting, and listens. */
  void connected(Socket socket) throws IOException {
    socket.setTcpNoDelay(true);
    DataOutputStream stream =
        new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
    setting.write(stream);
    out = stream;
    this.socket = socket;
    Threads.daemon("worker-" + number(), () -> listen(socket));
  }

  private void listen(Socket socket) {
    try (socket;
        DataInputStream in =
            new DataInputStream(new BufferedInputStream(socket.getInputStream()))) {
      while (true) {
        events.add(new Event.Heard(this, Saying.read(in)));
      }
    } catch (IOException e) {
      ended();
    }
  }

  /** Called when its connection or its process has ended. */
  void ended() {
    if (gone.compareAndSet(false, true)) {
      events.add(new Event.Heard(this, null));
    }
  }

  /** Tells it something; one that is gone or stopped does not matter. */
  void tell(Order order) {
    DataOutputStream stream = out;
    if (stream == null) {
      return;
    }
    synchronized (stream) {
      try {
        Order.write(order, stream);
      } catch (IOException e) {
        // It is dead; whoever listens to it learns of that.
      }
    }
  }

  /** Ends the connection: a worker that is a thread of this process ends itself then. */
  void hangUp() throws IOException {
    Socket connection = socket;
    if (connection != null) {
      connection.close();
    }
  }

  void kill() throws InterruptedException {
    ChildJvm jvm = process;
    if (jvm != null) {
      jvm.kill();
    }
  }

  @Override
  public String toString() {
    return "w" + number();
  }
}
