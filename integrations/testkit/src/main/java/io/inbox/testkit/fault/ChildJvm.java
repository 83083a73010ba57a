package io.inbox.testkit.fault;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A JVM on the class path of this one, to be stopped, continued and killed.
 *
 * <p>Its standard input ends when this JVM does, however it ends: the program reads from it and
 * halts then, see {@link #haltWithoutParent}. Thread-safe.
 */
public final class ChildJvm implements AutoCloseable {
  private final Process process;

  private ChildJvm(Process process) {
    this.process = process;
  }

  /**
   * Starts the main method of a class.
   *
   * @param options of the JVM, such as {@code -Xmx128m}
   * @param output where standard output and error go
   */
  public static ChildJvm start(
      Class<?> main, List<String> options, List<String> arguments, ProcessBuilder.Redirect output)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath(main), main.getName()));
    command.addAll(arguments);
    return new ChildJvm(
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output).start());
  }

  /**
   * Halts this JVM once the one that started it is gone. Called by the program that was started.
   */
  public static void haltWithoutParent() {
    Thread watch =
        new Thread(
            () -> {
              try {
                while (System.in.read() >= 0) {
                  // Nothing is said on it.
                }
              } catch (IOException e) {
                // The same as its end.
              }
              Runtime.getRuntime().halt(0);
            },
            "parent-watch");
    watch.setDaemon(true);
    watch.start();
  }

  /** Returns the process id. */
  public long pid() {
    return process.pid();
  }

  /** Returns whether it runs, or is stopped. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Runs something, on a thread of its own, when it has ended. */
  public void onExit(Runnable work) {
    CompletableFuture<Void> unused = process.onExit().thenRun(work);
  }

  /** Stops it, as {@code kill -STOP} does. */
  public void pause() throws IOException, InterruptedException {
    signal("-STOP");
  }

  /** Continues it, as {@code kill -CONT} does. */
  public void resume() throws IOException, InterruptedException {
    signal("-CONT");
  }

  /** Kills it, as {@code kill -9} does, and waits until it is gone. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Lets it write its threads to its output, as {@code kill -QUIT} does. */
  public void dumpThreads() throws IOException, InterruptedException {
    signal("-QUIT");
  }

  /** Waits until it has ended by itself; returns false when the time is over. */
  public boolean await(long seconds) throws InterruptedException {
    return process.waitFor(seconds, TimeUnit.SECONDS);
  }

  private void signal(String signal) throws IOException, InterruptedException {
    int exit = new ProcessBuilder("kill", signal, String.valueOf(pid())).start().waitFor();
    if (exit != 0 && isAlive()) {
      throw new IOException("kill " + signal + " " + pid() + " ended with " + exit);
    }
  }

  /** Kills it. */
  @Override
  public void close() {
    try {
      kill();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The class path of this JVM's program; under Maven it is that of a class loader of its own. */
  private static String classPath(Class<?> main) {
    if (main.getClassLoader() instanceof URLClassLoader loader) {
      return Arrays.stream(loader.getURLs())
          .map(ChildJvm::path)
          .collect(Collectors.joining(File.pathSeparator));
    }
    return System.getProperty(
        "surefire.test.class.path", System.getProperty("java.class.path", ""));
  }

  private static String path(URL url) {
    try {
      return Path.of(url.toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("a class path entry is no file: " + url, e);
    }
  }
}
