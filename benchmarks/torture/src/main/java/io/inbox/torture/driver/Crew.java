package io.inbox.torture.driver;

import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.fault.ChildJvm;
import io.inbox.testkit.fault.FaultProxy;
import io.inbox.torture.database.Database;
import io.inbox.torture.wire.Setting;
import io.inbox.torture.worker.Worker;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The workers of a run: starts them, each behind a proxy of its own, and starts another in the
 * place of one that died.
 */
final class Crew implements AutoCloseable {
  private static final List<String> JVM =
      List.of(
          "-Xshare:auto",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xmx192m",
          "-Dorg.jooq.no-logo=true",
          "-Dorg.jooq.no-tips=true");

  private final Outfit outfit;
  private final Database database;
  private final BlockingQueue<Event> events;
  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final Map<Integer, WorkerLink> expected = new ConcurrentHashMap<>();
  private final List<WorkerLink> workers = new ArrayList<>();
  private int started;

  /** Creates one without any worker. */
  Crew(Outfit outfit, Database database, BlockingQueue<Event> events) throws IOException {
    this.outfit = outfit;
    this.database = database;
    this.events = events;
    Threads.daemon("crew", this::accept);
  }

  /**
   * What the workers are like.
   *
   * @param first the setting that all have in common
   * @param processes whether each is a process, or a thread of this one that nobody can kill
   * @param logs where their outputs go
   */
  record Outfit(Setting first, boolean processes, Path logs) {}

  /** Returns the workers that are there, in the order of their places. */
  List<WorkerLink> workers() {
    return workers;
  }

  /** Returns how many cannot take deliveries yet. */
  long recovering() {
    return workers.stream().filter(worker -> !worker.ready()).count();
  }

  void start(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      @Nullable FaultProxy proxy = null;
      if (database.server().isPresent()) {
        PostgresServer behind = database.server().get();
        proxy = FaultProxy.before(behind.port());
      }
      workers.add(start(proxy));
    }
  }

  /** Starts another worker in the place of one that died. */
  void replace(WorkerLink dead) throws IOException {
    workers.set(workers.indexOf(dead), start(dead.proxy().orElse(null)));
  }

  private WorkerLink start(@Nullable FaultProxy proxy) throws IOException {
    int number = ++started;
    Setting first = outfit.first;
    Setting setting =
        new Setting(
            number,
            first.seed(),
            database.url(number, proxy == null ? 0 : proxy.port()),
            first.threads(),
            first.receiver(),
            first.lease(),
            first.startedMillis(),
            first.wiring());
    WorkerLink link = new WorkerLink(setting, proxy, events);
    expected.put(number, link);
    if (outfit.processes) {
      ChildJvm jvm =
          ChildJvm.start(
              Worker.class,
              JVM,
              List.of(String.valueOf(server.getLocalPort()), String.valueOf(number)),
              ProcessBuilder.Redirect.to(
                  outfit.logs.resolve("worker-" + number + ".log").toFile()));
      link.runsIn(jvm);
      jvm.onExit(link::ended);
    } else {
      Threads.daemon("worker-" + number, () -> runHere(number, link));
    }
    return link;
  }

  private void runHere(int number, WorkerLink link) {
    try {
      Worker.run(server.getLocalPort(), number, false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      link.ended();
    }
  }

  /** Lets every worker write down what its threads are doing. */
  void dumpThreads() throws IOException, InterruptedException {
    for (WorkerLink worker : workers) {
      if (worker.process().isPresent()) {
        worker.process().get().dumpThreads();
      }
    }
  }

  /** Returns who is there, for people who look for what is stuck. */
  @Override
  public String toString() {
    return workers.stream()
        .map(it -> it + (it.ready() ? " ready, " : " not ready, ") + it.proxy())
        .collect(Collectors.joining("; "));
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        int number = new DataInputStream(socket.getInputStream()).readInt();
        WorkerLink link = expected.remove(number);
        if (link != null) {
          link.connected(socket);
        }
      } catch (IOException e) {
        // A worker that was killed while it connected, or the run is over.
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (WorkerLink worker : workers) {
      worker.process().ifPresent(ChildJvm::close);
      worker.hangUp();
      worker.proxy().ifPresent(FaultProxy::close);
    }
  }
}
