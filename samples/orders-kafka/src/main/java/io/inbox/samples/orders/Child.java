package io.inbox.samples.orders;

import io.inbox.samples.stage.Children;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The launcher's end of a process; what it says arrives as events in one queue. */
final class Child {
  private static final int ORDERLY_SECONDS = 10;

  private final Role role;
  private final Process process;
  private final PrintStream out;
  private boolean ready;

  /**
   * Something that a process said.
   *
   * @param words what it said; empty when it is dead
   */
  record Event(Child from, List<String> words) {
    boolean died() {
      return words.isEmpty();
    }
  }

  private Child(Role role, Process process) {
    this.role = role;
    this.process = process;
    this.out = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
  }

  static Child start(Role role, List<String> arguments, BlockingQueue<Event> events) {
    try {
      Child child = new Child(role, Children.start(role.main(), role.megabytes(), arguments));
      Children.daemon("from-" + role, () -> child.read(events));
      return child;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read(BlockingQueue<Event> events) {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (@Nullable String line = in.readLine(); line != null; line = in.readLine()) {
        events.add(new Event(this, List.of(line.split(" "))));
      }
    } catch (IOException e) {
      // It was killed in the middle of a word.
    }
    process.onExit().join(); // only then are its port and its files free
    events.add(new Event(this, List.of()));
  }

  Role role() {
    return role;
  }

  long pid() {
    return process.pid();
  }

  boolean ready() {
    return ready;
  }

  void nowReady() {
    ready = true;
  }

  /** A process reads what it is told at once, and little is: this does not block. */
  void say(String... words) {
    out.println(String.join(" ", words));
  }

  /** SIGKILL. */
  void kill() {
    ready = false;
    process.destroyForcibly();
  }

  /** Ends the process by ending its input, and waits until it is gone. */
  void end() {
    out.close();
    try {
      if (!process.waitFor(ORDERLY_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
