package io.inbox.postgres;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy before the server that breaks connections on demand.
 *
 * <p>An armed fault strikes at the next request on any connection. A handler that arms one as its
 * last act hits the COMMIT, because nothing else of the library goes to the server after the
 * handler.
 */
final class FaultProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final int serverPort;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final AtomicReference<@Nullable Fault> armed = new AtomicReference<>();
  private final AtomicLong roundTrips = new AtomicLong();
  private final AtomicLong strikes = new AtomicLong();
  private volatile Supplier<@Nullable Fault> randomly = () -> null;
  private volatile boolean refusing;
  private volatile long fragmentNanos = -1;

  private FaultProxy(ServerSocket listener, int serverPort) {
    this.listener = listener;
    this.serverPort = serverPort;
  }

  /** What happens to a request. */
  enum Fault {
    /** The connection is cut; the request never reaches the server. */
    CUT_REQUEST,
    /** The server works on the request and answers; the connection is cut before the answer. */
    CUT_REPLY,
    /** The server works on the request and answers; the answer never comes, nor does a FIN. */
    SWALLOW_REPLY,
    /** Neither request nor any later packet arrives on either side: the network is gone. */
    BLACK_HOLE
  }

  static FaultProxy before(int serverPort) throws IOException {
    ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    FaultProxy proxy = new FaultProxy(listener, serverPort);
    start("proxy-accept", proxy::accept);
    return proxy;
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Lets a fault strike the next request. */
  void arm(Fault fault) {
    armed.set(fault);
  }

  /** Lets a fault of the given ones strike one in so many requests, on whichever connection. */
  void strikeAtRandom(int oneIn, long seed, Fault... faults) {
    Random random = new Random(seed);
    randomly =
        () -> {
          synchronized (random) {
            return random.nextInt(oneIn) == 0 ? faults[random.nextInt(faults.length)] : null;
          }
        };
  }

  /** Refuses new connections, or accepts them again. */
  void refuse(boolean on) {
    refusing = on;
  }

  /** Sends every byte, in both directions, in a packet of its own, with a pause after each. */
  void fragment(long nanosBetween) {
    fragmentNanos = nanosBetween;
  }

  /** How often a client waited for an answer of the server. */
  long roundTrips() {
    return roundTrips.get();
  }

  /** How many faults have struck. */
  long strikes() {
    return strikes.get();
  }

  /** Ends the connections a fault has struck, so that the server learns of it at last. */
  void cutStruck() {
    links.stream().filter(link -> link.struck != null).forEach(Link::cut);
  }

  @Override
  public void close() {
    closeQuietly(listener);
    links.forEach(Link::cut);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        if (refusing) {
          client.close();
          continue;
        }
        Socket server = new Socket();
        server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort));
        new Link(client, server).start();
      } catch (IOException e) {
        // Closed, or the server is down: the client sees its connection end.
      }
    }
  }

  private @Nullable Fault next() {
    @Nullable Fault fault = armed.getAndSet(null);
    if (fault == null) {
      fault = randomly.get();
    }
    if (fault != null) {
      strikes.incrementAndGet();
    }
    return fault;
  }

  private static void start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  private static void closeQuietly(Closeable closeable) {
    try {
      closeable.close();
    } catch (IOException e) {
      // It was closed from the other side.
    }
  }

  /** One client's connection and the one to the server behind it. */
  private final class Link {
    private final Socket client;
    private final Socket server;
    private final RoundTrips counter = new RoundTrips();
    private volatile @Nullable Fault struck;

    Link(Socket client, Socket server) throws IOException {
      this.client = client;
      this.server = server;
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
    }

    void start() {
      links.add(this);
      FaultProxy.start("proxy-requests", this::requests);
      FaultProxy.start("proxy-replies", this::replies);
    }

    private void requests() {
      byte[] buffer = new byte[65_536];
      try {
        InputStream in = client.getInputStream();
        OutputStream out = server.getOutputStream();
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          if (struck == null) {
            struck = next(); // before the request leaves, so that the reply finds it
          }
          if (struck == Fault.CUT_REQUEST) {
            cut();
            return;
          }
          roundTrips.addAndGet(counter.read(buffer, read));
          if (struck != Fault.BLACK_HOLE) {
            forward(buffer, read, out);
          }
        }
      } catch (IOException e) {
        // One side is gone.
      }
      if (struck != Fault.BLACK_HOLE) {
        cut();
      }
    }

    private void replies() {
      byte[] buffer = new byte[65_536];
      try {
        InputStream in = server.getInputStream();
        OutputStream out = client.getOutputStream();
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          if (struck == Fault.CUT_REPLY) {
            break;
          }
          if (struck == null) {
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
      if (fragmentNanos < 0) {
        out.write(bytes, 0, length);
        return;
      }
      for (int i = 0; i < length; i++) {
        out.write(bytes[i]);
        out.flush();
        LockSupport.parkNanos(fragmentNanos);
      }
    }

    void cut() {
      links.remove(this);
      closeQuietly(client);
      closeQuietly(server);
    }
  }
}
