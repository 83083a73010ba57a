package io.inbox.samples.stage;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * Starts JVMs that live no longer than the one that started them.
 *
 * <p>A parent that is killed says nothing. What it leaves behind is the end of the pipe to the
 * child's standard input, so a child that reads from it learns at once; that the parent's process
 * id is another one is the second sign, looked for every second.
 */
public final class Children {
  private static final int SMALL = 128;
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  private Children() {}

  /** Starts the main method of a class in a small JVM; its errors go where ours go. */
  public static Process start(Class<?> main, List<String> arguments) throws IOException {
    return start(main, SMALL, arguments);
  }

  /** The same, with a heap of so many megabytes. */
  public static Process start(Class<?> main, int megabytes, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xshare:auto",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx" + megabytes + "m",
            "-Dorg.jooq.no-logo=true",
            "-Dorg.jooq.no-tips=true",
            "-cp",
            classPath(main),
            main.getName()));
    command.addAll(arguments);
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** Halts this JVM once its parent is gone, without waiting for anything. */
  public static void haltWithoutParent(Runnable lastAct) {
    long parent = ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(-1L);
    daemon(
        "parent-watch",
        () -> {
          while (ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(-1L) == parent) {
            LockSupport.parkNanos(LOOK_EVERY.toNanos());
          }
          lastAct.run();
          Runtime.getRuntime().halt(0);
        });
  }

  /** Starts a thread that does not keep the JVM alive. */
  public static void daemon(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** The class path of this program; under Maven it is that of a class loader of its own. */
  private static String classPath(Class<?> main) {
    if (main.getClassLoader() instanceof URLClassLoader loader) {
      return Arrays.stream(loader.getURLs())
          .map(Children::path)
          .collect(Collectors.joining(File.pathSeparator));
    }
    return System.getProperty("java.class.path");
  }

  private static String path(URL url) {
    try {
      return Path.of(url.toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("a class path entry is no file: " + url, e);
    }
  }
}
