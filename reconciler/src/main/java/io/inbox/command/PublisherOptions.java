package io.inbox.command;

import io.inbox.outbox.Publisher;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the messages go. */
final class PublisherOptions {
  @Option(
      names = "--publisher",
      required = true,
      paramLabel = "NAME",
      description = "where messages go: stdout, or the name of a plugin, such as kafka")
  private String name = "";

  @Option(
      names = "--publisher-option",
      paramLabel = "KEY=VALUE",
      description = "an option of the publisher; may be given several times")
  private Map<String, String> options = new LinkedHashMap<>();

  @Option(
      names = "--publisher-options-file",
      paramLabel = "FILE",
      description =
          "Java properties file with options of the publisher, for what must not be on a command line; --publisher-option goes before it")
  private @Nullable Path file;

  @Option(
      names = "--plugins",
      paramLabel = "DIR",
      description = "folder with the jars of further publishers and of what they need")
  private @Nullable Path folder;

  PublisherPlugins plugins() {
    return PublisherPlugins.in(folder);
  }

  String name() {
    return name;
  }

  Publisher create(PublisherPlugins plugins) {
    Map<String, String> all = new LinkedHashMap<>(fromFile());
    all.putAll(options);
    return plugins.create(name, all);
  }

  private Map<String, String> fromFile() {
    Map<String, String> found = new LinkedHashMap<>();
    if (file != null) {
      Properties properties = new Properties();
      try (Reader reader = Files.newBufferedReader(file)) {
        properties.load(reader);
      } catch (IOException | IllegalArgumentException e) {
        throw CommandException.usage("--publisher-options-file cannot be read: " + e, e);
      }
      properties.stringPropertyNames().forEach(key -> found.put(key, properties.getProperty(key)));
    }
    return found;
  }
}
