package io.inbox.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** A jar that the executable jar has never seen, with a publisher called {@code file}. */
final class PluginJar {
  private static final String SOURCE =
      """
      package plugin;

      import io.inbox.outbox.*;
      import io.inbox.spi.PublisherFactory;
      import java.util.*;

      public final class FileFactory implements PublisherFactory {
        public String name() {
          return "file";
        }

        public Publisher create(Map<String, String> options) {
          return new Publisher() {
            public List<PublishResult> publish(List<OutboxMessage> batch) throws Exception {
              ClassLoader mine = FileFactory.class.getClassLoader();
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

  private PluginJar() {}

  static void in(Path folder, Path work) throws IOException {
    Path source = work.resolve("FileFactory.java");
    Files.writeString(source, SOURCE);
    Path classes = Files.createDirectory(work.resolve("classes"));
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-proc:none",
                "-cp",
                System.getProperty("inbox.jar"),
                "-d",
                classes.toString(),
                source.toString());
    assertThat(result).isZero();
    try (OutputStream file = Files.newOutputStream(folder.resolve("file-publisher.jar"));
        JarOutputStream jar = new JarOutputStream(file)) {
      add(
          jar,
          "META-INF/services/io.inbox.spi.PublisherFactory",
          "plugin.FileFactory".getBytes(StandardCharsets.UTF_8));
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
