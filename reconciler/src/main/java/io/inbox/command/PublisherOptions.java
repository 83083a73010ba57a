package io.inbox.command;

import io.inbox.error.ConfigurationException;
import io.inbox.outbox.Publisher;
import io.inbox.spi.PublisherFactory;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ServiceLoader;
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

  Plugins plugins() {
    return Plugins.in(folder);
  }

  String name() {
    return name;
  }

  /** Makes the publisher, on the class loader of its jar. */
  Publisher create(Plugins plugins) {
    Map<String, PublisherFactory> factories =
        plugins.find(
            loader -> ServiceLoader.load(PublisherFactory.class, loader),
            PublisherFactory::name,
            "publisher");
    PublisherFactory factory = factories.get(name);
    if (factory == null) {
      throw new ConfigurationException(
          "IBX-902",
          "there is no publisher "
              + name
              + ", only "
              + String.join(", ", factories.keySet())
              + Suggestion.among(factories.keySet(), name)
              + " ("
              + plugins.remedy("publisher")
              + ")");
    }
    try {
      return factory.create(PluginOptions.of("--publisher-options-file", file, options));
    } catch (LinkageError e) {
      throw plugins.broken("publisher " + name, e);
    }
  }
}
