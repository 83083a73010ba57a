package io.inbox.testkit;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.PublishResult;
import io.inbox.outbox.Publisher;
import io.inbox.outbox.Relay;
import io.inbox.spi.Store;
import io.inbox.testkit.fault.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A relay in a process of its own, which publishes to a {@link Receiver} and ends when the process
 * that started it does.
 */
public final class RelayProcess implements AutoCloseable {
  private final String name;
  private final ChildJvm process;

  private RelayProcess(String name, ChildJvm process) {
    this.name = name;
    this.process = process;
  }

  /**
   * Starts one.
   *
   * @param name its name in the tables
   * @param store a store with a static method {@code create()}
   * @param url of the database, which it connects to by this alone
   */
  public static RelayProcess start(
      String name,
      Class<? extends Store> store,
      String url,
      Receiver receiver,
      Duration lease,
      Duration poll,
      int batch)
      throws IOException {
    ChildJvm process =
        ChildJvm.start(
            RelayProcess.class,
            List.of("-Xmx256m", "-XX:+UseSerialGC"),
            List.of(
                name,
                store.getName(),
                url,
                String.valueOf(receiver.port()),
                lease.toString(),
                poll.toString(),
                String.valueOf(batch)),
            ProcessBuilder.Redirect.DISCARD);
    return new RelayProcess(name, process);
  }

  /** Returns what the owner of a slot begins with in the tables, if this relay owns it. */
  public String owner() {
    return name + '#';
  }

  /** Stops it, as {@code kill -STOP} does. */
  public void pause() throws IOException, InterruptedException {
    process.pause();
  }

  /** Lets it go on. */
  public void resume() throws IOException, InterruptedException {
    process.resume();
  }

  /** Kills it, as {@code kill -9} does. */
  public void kill() throws InterruptedException {
    process.kill();
  }

  @Override
  public void close() {
    process.close();
  }

  /** Runs the relay until the standard input ends. */
  public static void main(String[] args) throws Exception {
    Store store = (Store) Class.forName(args[1]).getMethod("create").invoke(null);
    try (HikariDataSource pool = pool(args[2]);
        Publisher publisher = new ToReceiver(args[0], Integer.parseInt(args[3]));
        Relay relay =
            Relay.builder(store, pool, publisher)
                .name(args[0])
                .threads(2)
                .lease(Duration.parse(args[4]))
                .pollEvery(Duration.parse(args[5]))
                .batch(Integer.parseInt(args[6]))
                .start()) {
      while (System.in.read() >= 0) {
        relay.slots();
      }
    }
    Runtime.getRuntime().halt(0);
  }

  private static HikariDataSource pool(String url) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(5);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(2_000);
    return new HikariDataSource(config);
  }

  /** Sends each batch as lines, and waits until the receiver has written them down. */
  private static final class ToReceiver implements Publisher {
    private final ThreadLocal<Line> lines;

    ToReceiver(String name, int port) {
      this.lines = ThreadLocal.withInitial(() -> new Line(name, port));
    }

    @Override
    public List<PublishResult> publish(List<OutboxMessage> batch) throws IOException {
      lines.get().send(batch);
      List<PublishResult> results = new ArrayList<>(batch.size());
      batch.forEach(unused -> results.add(PublishResult.sent()));
      return results;
    }

    @Override
    public void close() {
      // The process ends.
    }
  }

  /** One connection to the receiver. */
  private static final class Line {
    private final Writer out;
    private final BufferedReader in;

    Line(String name, int port) {
      try {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        out = new OutputStreamWriter(socket.getOutputStream(), StandardCharsets.UTF_8);
        in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        out.write(name + '\n');
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void send(List<OutboxMessage> batch) throws IOException {
      StringBuilder text = new StringBuilder();
      for (OutboxMessage message : batch) {
        text.append(message.id())
            .append(' ')
            .append(message.key().orElse("-"))
            .append(' ')
            .append(new String(message.payload(), StandardCharsets.UTF_8))
            .append('\n');
      }
      out.write(text.append(".\n").toString());
      out.flush();
      if (in.readLine() == null) {
        throw new IOException("the receiver is gone");
      }
    }
  }
}
