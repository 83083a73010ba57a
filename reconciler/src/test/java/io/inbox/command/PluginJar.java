package io.inbox.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** Jars that the program has never seen. */
final class PluginJar {
  /** A publisher called {@code file} that prints what it is given. */
  private static final String PUBLISHER =
      """
      package plugin;

      import io.inbox.outbox.*;
      import io.inbox.spi.PublisherFactory;
      import java.util.*;

      public final class Plugin implements PublisherFactory {
        public String name() {
          return "file";
        }

        public Publisher create(Map<String, String> options) {
          return new Publisher() {
            public List<PublishResult> publish(List<OutboxMessage> batch) throws Exception {
              ClassLoader mine = Plugin.class.getClassLoader();
              boolean found = Thread.currentThread().getContextClassLoader() == mine;
              for (OutboxMessage message : batch) {
                System.out.println(options + " " + new String(message.payload()) + " " + found);
              }
              return Collections.nCopies(batch.size(), PublishResult.sent());
            }

            public void close() {
              System.out.println("closed");
            }
          };
        }
      }
      """;

  /** A handler for consumer payments that books into a table, and refuses what starts with bad. */
  private static final String HANDLER =
      """
      package plugin;

      import io.inbox.*;
      import io.inbox.error.ConfigurationException;
      import io.inbox.spi.HandlerFactory;
      import java.sql.PreparedStatement;
      import java.util.*;
      import java.util.function.Function;

      public final class Plugin implements HandlerFactory {
        public String consumer() {
          return "payments";
        }

        public Function<Message, Handler> create(Inbox.Builder inbox, Map<String, String> options) {
          if (!options.keySet().equals(Set.of("table"))) {
            throw new ConfigurationException("IBX-901", "the only option is table, not " + options.keySet());
          }
          inbox.fingerprint(Fingerprint.ofPayload());
          return message -> tx -> {
            if (message.id().startsWith("bad")) {
              throw new IllegalStateException("still closed");
            }
            try (PreparedStatement insert = tx.connection()
                .prepareStatement("INSERT INTO " + options.get("table") + " VALUES (?)")) {
              insert.setString(1, message.id());
              insert.executeUpdate();
            }
          };
        }
      }
      """;

  private PluginJar() {}

  /** Puts a publisher into a folder. */
  static void publisher(Path folder, Path work) throws IOException {
    in(folder, work, "io.inbox.spi.PublisherFactory", PUBLISHER);
  }

  /** Puts a handler into a folder. */
  static void handler(Path folder, Path work) throws IOException {
    in(folder, work, "io.inbox.spi.HandlerFactory", HANDLER);
  }

  private static void in(Path folder, Path work, String service, String text) throws IOException {
    Path source = work.resolve("Plugin.java");
    Files.writeString(source, text);
    Path classes = Files.createDirectory(work.resolve("classes"));
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                errors,
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                classes.toString(),
                source.toString());
    assertThat(result).as(errors.toString(StandardCharsets.UTF_8)).isZero();
    try (OutputStream file = Files.newOutputStream(folder.resolve("plugin.jar"));
        JarOutputStream jar = new JarOutputStream(file)) {
      add(jar, "META-INF/services/" + service, "plugin.Plugin".getBytes(StandardCharsets.UTF_8));
      try (Stream<Path> compiled = Files.list(classes.resolve("plugin"))) {
        for (Path type : compiled.toList()) {
          add(jar, "plugin/" + type.getFileName(), Files.readAllBytes(type));
        }
      }
    }
  }

  private static void add(JarOutputStream jar, String name, byte[] content) throws IOException {
    jar.putNextEntry(new JarEntry(name));
    jar.write(content);
    jar.closeEntry();
  }
}
