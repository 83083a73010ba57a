package io.inbox.samples.quickstart;

import io.inbox.samples.stage.Children;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The launcher's end of a consumer process; what it says arrives as events in one queue. */
final class ConsumerProcess {
  private final int number;
  private final Process process;
  private final BlockingQueue<Event> events;
  private final BlockingQueue<Consumer.Task> outbox = new LinkedBlockingQueue<>();
  private final Map<Long, Pending> outstanding = new LinkedHashMap<>();
  private boolean ready;

  /** Something that a consumer said, or that it is dead. */
  sealed interface Event {
    /** Returns which consumer it is about. */
    ConsumerProcess from();

    /** It takes deliveries now. */
    record Ready(ConsumerProcess from) implements Event {}

    /** It says what came of a delivery. */
    record Answered(
        ConsumerProcess from, long line, Answer answer, Duration retryAfter, String reason)
        implements Event {}

    /** It has committed a delivery and waits to be killed before it says so. */
    record Holding(ConsumerProcess from, long line) implements Event {}

    /** It cannot work, and says why. */
    record Unable(ConsumerProcess from, String reason) implements Event {}

    /** It is gone. */
    record Died(ConsumerProcess from) implements Event {}
  }

  private ConsumerProcess(int number, Process process, BlockingQueue<Event> events) {
    this.number = number;
    this.process = process;
    this.events = events;
  }

  static ConsumerProcess start(Consumer.Setting setting, BlockingQueue<Event> events) {
    try {
      ConsumerProcess consumer =
          new ConsumerProcess(setting.number(), Children.start(Consumer.class, List.of()), events);
      Children.daemon("to-consumer-" + setting.number(), () -> consumer.write(setting));
      Children.daemon("from-consumer-" + setting.number(), consumer::read);
      return consumer;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int number() {
    return number;
  }

  long pid() {
    return process.pid();
  }

  /** What it was given and has not answered, in the order it was given. Only for the broker. */
  Map<Long, Pending> outstanding() {
    return outstanding;
  }

  boolean ready() {
    return ready;
  }

  void nowReady() {
    ready = true;
  }

  void send(Consumer.Task task) {
    outbox.add(task);
  }

  /** SIGKILL. */
  void kill() {
    process.destroyForcibly();
  }

  /** Ends the process by ending its input, and waits until it is gone. */
  void end() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // It is gone already.
    }
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** A consumer that does not read must not hold up the broker, so a thread of its own writes. */
  private void write(Consumer.Setting setting) {
    try {
      DataOutputStream out =
          new DataOutputStream(new BufferedOutputStream(process.getOutputStream(), 1 << 16));
      setting.write(out);
      while (process.isAlive()) {
        Consumer.Task task = outbox.poll(1, TimeUnit.SECONDS);
        if (task != null) {
          task.write(out);
        }
      }
    } catch (IOException e) {
      // It is dead or dying; the reading thread reports that.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void read() {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(process.getInputStream()))) {
      while (true) {
        events.add(event(in));
      }
    } catch (IOException e) {
      events.add(new Event.Died(this));
    }
  }

  private Event event(DataInputStream in) throws IOException {
    byte kind = in.readByte();
    return switch (kind) {
      case Consumer.READY -> new Event.Ready(this);
      case Consumer.HOLDING -> new Event.Holding(this, in.readLong());
      case Consumer.FATAL -> new Event.Unable(this, in.readUTF());
      case Consumer.ANSWER ->
          new Event.Answered(
              this,
              in.readLong(),
              Answer.valueOf(in.readUTF()),
              Duration.ofMillis(in.readLong()),
              in.readUTF());
      default -> throw new IOException("a consumer said " + kind);
    };
  }
}
