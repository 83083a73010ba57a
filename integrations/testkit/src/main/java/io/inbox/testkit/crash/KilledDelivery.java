package io.inbox.testkit.crash;

import io.inbox.testkit.fault.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.Modifier;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A delivery in a child JVM that is killed at a point. */
final class KilledDelivery {
  /** It lives for a moment: what makes a long run fast makes its start slow. */
  private static final List<String> OPTIONS =
      List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx256m");

  private final Class<?> consumer;
  private final String url;
  private final Duration limit;

  KilledDelivery(Class<?> consumer, String url, Duration limit) {
    this.consumer = consumer;
    this.url = url;
    this.limit = limit;
  }

  /** Returns why another process cannot make an instance of a class; empty if it can. */
  static Optional<String> obstacle(Class<?> consumer) {
    if (consumer == InProcess.class
        || consumer.isHidden()
        || consumer.isAnonymousClass()
        || consumer.isLocalClass()) {
      return Optional.of(
          "another process cannot make this handler (give it a class of its own: CrashConsumer)");
    }
    boolean inner = consumer.isMemberClass() && !Modifier.isStatic(consumer.getModifiers());
    if (Arrays.stream(consumer.getDeclaredConstructors())
        .allMatch(it -> it.getParameterCount() > 0)) {
      return Optional.of(
          consumer.getName()
              + (inner
                  ? " is an inner class (make it static)"
                  : " has no constructor without parameters"));
    }
    return Optional.empty();
  }

  /**
   * Delivers in a child JVM and kills it at the point.
   *
   * @return how many connections the handler had taken for itself; empty if it never came there
   */
  Optional<Integer> killAt(Aim aim, String name) throws IOException, InterruptedException {
    Path output = Files.createTempFile("crash-points", ".log");
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ChildJvm child = start(aim, name, listener.getLocalPort(), output)) {
      listener.setSoTimeout(Math.toIntExact(limit.toMillis()));
      child.onExit(() -> closeQuietly(listener)); // nobody will come any more
      @Nullable String said = hear(listener);
      if (said == null || said.startsWith(CrashChild.UNABLE)) {
        throw new IllegalStateException(
            "The child JVM could not deliver: " + said + "\n" + Files.readString(output).strip());
      }
      child.kill();
      return said.startsWith(CrashChild.AT)
          ? Optional.of(Integer.parseInt(said.substring(CrashChild.AT.length())))
          : Optional.empty();
    } finally {
      Files.deleteIfExists(output);
    }
  }

  private ChildJvm start(Aim aim, String name, int port, Path output) throws IOException {
    return ChildJvm.start(
        CrashChild.class,
        OPTIONS,
        List.of(
            String.valueOf(port),
            consumer.getName(),
            url,
            name,
            aim.point().name(),
            String.valueOf(aim.occurrence())),
        ProcessBuilder.Redirect.to(output.toFile()));
  }

  private static @Nullable String hear(ServerSocket listener) {
    try (Socket child = listener.accept();
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      return lines.readLine();
    } catch (IOException e) {
      return null; // it has ended; its output says why
    }
  }

  private static void closeQuietly(ServerSocket listener) {
    try {
      listener.close();
    } catch (IOException e) {
      // It is of no use any more either way.
    }
  }
}
