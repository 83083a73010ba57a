package io.inbox.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Where relays of several processes publish to. It writes down each message when it comes for the
 * first time, all of them in one order, and confirms a batch once that is done.
 */
public final class Receiver implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 120;

  private final ServerSocket server;
  private final Map<String, Arrival> first = new HashMap<>();
  private final List<Arrival> arrivals = new ArrayList<>();
  private final Set<String> held = new HashSet<>();
  private final Set<String> waiting = new HashSet<>();
  private int repeats;

  /** Listens on a port of the loopback interface. */
  public Receiver() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    daemon(this::accept).start();
  }

  /**
   * The first time a message came.
   *
   * @param id its id
   * @param key its key
   * @param payload its payload
   * @param nanos when, by {@link System#nanoTime()}
   */
  public record Arrival(String id, String key, String payload, long nanos) {}

  int port() {
    return server.getLocalPort();
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "receiver");
    thread.setDaemon(true);
    return thread;
  }

  private void accept() {
    try {
      while (!server.isClosed()) {
        Socket socket = server.accept();
        daemon(() -> serve(socket)).start();
      }
    } catch (IOException e) {
      // Closed: the test is over.
    }
  }

  private void serve(Socket socket) {
    try (socket;
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        Writer out = new OutputStreamWriter(socket.getOutputStream(), StandardCharsets.UTF_8)) {
      socket.setTcpNoDelay(true);
      String relay = in.readLine();
      List<String> batch = new ArrayList<>();
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (!line.equals(".")) {
          batch.add(line);
          continue;
        }
        receive(relay, batch);
        batch.clear();
        out.write("ok\n");
        out.flush();
      }
    } catch (IOException | InterruptedException e) {
      // The relay was killed, or the test is over.
    }
  }

  private synchronized void receive(String relay, List<String> batch) throws InterruptedException {
    long now = System.nanoTime();
    for (String line : batch) {
      String[] parts = line.split(" ", 3);
      Arrival arrival = new Arrival(parts[0], parts[1], parts[2], now);
      if (first.putIfAbsent(parts[0], arrival) == null) {
        arrivals.add(arrival);
      } else {
        repeats++;
      }
    }
    notifyAll();
    while (held.contains(relay)) {
      waiting.add(relay);
      wait();
    }
    waiting.remove(relay);
  }

  /** From here on batches of a relay are written down, and not confirmed. */
  public synchronized void hold(String relay) {
    held.add(relay);
  }

  /** Confirms again what a relay publishes. */
  public synchronized void release(String relay) {
    held.remove(relay);
    notifyAll();
  }

  /** Waits until a relay whose confirmations are held waits for one. */
  public synchronized void awaitHeld(String relay) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!waiting.contains(relay)) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        throw new AssertionError(relay + " publishes nothing");
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }

  /** Waits until so many different messages came; fails when nothing comes any more. */
  public synchronized void await(int messages) throws InterruptedException {
    while (arrivals.size() < messages) {
      int before = arrivals.size();
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      for (long left = end - System.nanoTime();
          left > 0 && arrivals.size() == before;
          left = end - System.nanoTime()) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
      if (arrivals.size() == before) {
        throw new AssertionError("nothing came any more after " + before + " of " + messages);
      }
    }
  }

  /** Returns the first arrival of each message, in order. */
  public synchronized List<Arrival> arrivals() {
    return List.copyOf(arrivals);
  }

  /** Returns how often a message came that had come before. */
  public synchronized int repeats() {
    return repeats;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
