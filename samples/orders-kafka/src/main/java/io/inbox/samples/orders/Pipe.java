package io.inbox.samples.orders;

import io.inbox.samples.stage.Children;
import io.inbox.samples.stage.Sql;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A process's end of its line to the launcher: standard input and output, a few words to a line.
 * The end of the input is the end of the process.
 */
final class Pipe {
  private static final Duration ORDERLY = Duration.ofSeconds(5);

  private final BufferedReader in =
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
  private final PrintStream out =
      new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

  /** A process. */
  @FunctionalInterface
  interface Body {
    void run(Pipe pipe) throws Exception;
  }

  private Pipe() {}

  /** Runs a process; halts this JVM when it has ended, or when its parent has. */
  static void run(Body body) {
    Children.haltWithoutParent(() -> {});
    Pipe pipe = new Pipe();
    System.setOut(System.err); // a stray println would be taken for a word
    int exitCode = 0;
    try {
      body.run(pipe);
    } catch (Exception e) {
      pipe.say("unable", Sql.firstLine(e));
      exitCode = 1;
    }
    Runtime.getRuntime().halt(exitCode);
  }

  /** Says something to the launcher, from any thread. */
  void say(String... words) {
    out.println(String.join(" ", words));
  }

  /** Hears what the launcher says, until it has no more to say; then there is time for an end. */
  void listen(Consumer<List<String>> hearer) throws IOException {
    for (@Nullable String line = in.readLine(); line != null; line = in.readLine()) {
      hearer.accept(List.of(line.split(" ")));
    }
    Children.daemon(
        "end",
        () -> {
          LockSupport.parkNanos(ORDERLY.toNanos());
          Runtime.getRuntime().halt(1);
        });
  }
}
