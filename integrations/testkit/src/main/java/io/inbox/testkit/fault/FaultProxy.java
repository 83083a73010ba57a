package io.inbox.testkit.fault;

import io.inbox.testkit.fault.Held.Part;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy before a PostgreSQL server that breaks connections on demand. Thread-safe.
 *
 * <p>An armed fault strikes at the next request on any connection, or on the one to a given
 * backend. A handler that arms one as its last act hits the COMMIT, because nothing else of the
 * library goes to the server after the handler.
 */
public final class FaultProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final int serverPort;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final AtomicReference<@Nullable Fault> armed = new AtomicReference<>();
  private final AtomicLong roundTrips = new AtomicLong();
  private final AtomicLong strikes = new AtomicLong();
  private final AtomicLong connected = new AtomicLong();
  private volatile Supplier<@Nullable Fault> randomly = () -> null;
  private volatile boolean refusing;
  private volatile String step = "not begun";
  private volatile String trouble = "none";
  private volatile long fragmentNanos = -1;
  private volatile long delayNanos;

  private FaultProxy(ServerSocket listener, int serverPort) {
    this.listener = listener;
    this.serverPort = serverPort;
  }

  /** What happens to a request. */
  public enum Fault {
    /** The connection is cut; the request never reaches the server. */
    CUT_REQUEST,
    /** The server works on the request and answers; the connection is cut before the answer. */
    CUT_REPLY,
    /** The server works on the request and answers; the answer never comes, nor does a FIN. */
    SWALLOW_REPLY,
    /** Neither request nor any later packet arrives on either side: the network is gone. */
    BLACK_HOLE
  }

  /** Starts a proxy on a free port of this machine. */
  public static FaultProxy before(int serverPort) throws IOException {
    ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    FaultProxy proxy = new FaultProxy(listener, serverPort);
    Link.start("proxy-accept", proxy::accept);
    return proxy;
  }

  /** Returns the port to connect to. */
  public int port() {
    return listener.getLocalPort();
  }

  /** Lets a fault strike the next request. */
  public void arm(Fault fault) {
    armed.set(fault);
  }

  /**
   * Lets a fault strike the next request to one backend.
   *
   * @return whether there is such a connection
   */
  public boolean arm(int backend, Fault fault) {
    Optional<Link> link = link(backend);
    link.ifPresent(it -> it.arm(fault));
    return link.isPresent();
  }

  /** Keeps back the next request to one backend, or its answer; empty if there is no such one. */
  public Optional<Held> hold(int backend, Part part) {
    return link(backend).map(it -> it.hold(part));
  }

  private Optional<Link> link(int backend) {
    return links.stream().filter(link -> link.backend() == backend).findFirst();
  }

  /** Lets a fault of the given ones strike one in so many requests, on whichever connection. */
  public void strikeAtRandom(int oneIn, long seed, Fault... faults) {
    Random random = new Random(seed);
    randomly =
        () -> {
          synchronized (random) {
            return random.nextInt(oneIn) == 0 ? faults[random.nextInt(faults.length)] : null;
          }
        };
  }

  /** Refuses new connections, or accepts them again. */
  public void refuse(boolean on) {
    refusing = on;
  }

  /**
   * Sends every byte, in both directions, in a packet of its own, with a pause after each; as usual
   * again if the pause is negative.
   */
  public void fragment(long nanosBetween) {
    fragmentNanos = nanosBetween;
  }

  /** Lets every packet of either direction wait; 0 for not at all. */
  public void delay(long nanos) {
    delayNanos = nanos;
  }

  /** Returns how often a client waited for an answer of the server. */
  public long roundTrips() {
    return roundTrips.get();
  }

  /** Returns how many faults have struck. */
  public long strikes() {
    return strikes.get();
  }

  /** Ends the connections a fault has struck, so that the server learns of it at last. */
  public void cutStruck() {
    links.stream().filter(Link::isStruck).forEach(Link::cut);
  }

  /** Ends all connections. */
  public void cutAll() {
    links.forEach(Link::cut);
  }

  @Override
  public void close() {
    Link.closeQuietly(listener);
    cutAll();
  }

  private void accept() {
    try {
      while (!listener.isClosed()) {
        acceptOne();
      }
    } finally {
      step = "ended";
    }
  }

  private void acceptOne() {
    try {
      step = "accepting";
      Socket client = listener.accept();
      step = "connecting";
      if (refusing) {
        Link.closeQuietly(client);
      } else {
        connect(client);
      }
    } catch (IOException | RuntimeException e) {
      trouble = Instant.now() + " " + e; // closed, or a client that went away at once
    } catch (OutOfMemoryError e) {
      trouble =
          Instant.now() + " " + e; // no thread left for this connection; there may be for the next
    }
  }

  /** Returns what it is doing, for people who look for what is stuck. */
  @Override
  public String toString() {
    return "proxy at %d: %s, %d connections, %d ever, refusing %s, fragments %d ns, delay %d ns, trouble %s"
        .formatted(
            port(),
            step,
            links.size(),
            connected.get(),
            refusing,
            fragmentNanos,
            delayNanos,
            trouble);
  }

  private void connect(Socket client) {
    Socket server = new Socket();
    try {
      server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort));
      Link link = new Link(this, client, server);
      links.add(link);
      connected.incrementAndGet();
      link.start();
    } catch (IOException e) {
      trouble = Instant.now() + " " + e; // the server is down
      Link.closeQuietly(client);
      Link.closeQuietly(server);
    }
  }

  void forget(Link link) {
    links.remove(link);
  }

  void counted(int ended) {
    roundTrips.addAndGet(ended);
  }

  void struck() {
    strikes.incrementAndGet();
  }

  /** Returns what is to strike a request on any connection. */
  @Nullable Fault next() {
    @Nullable Fault fault = armed.getAndSet(null);
    return fault == null ? randomly.get() : fault;
  }

  long fragmentNanos() {
    return fragmentNanos;
  }

  long delayNanos() {
    return delayNanos;
  }
}
