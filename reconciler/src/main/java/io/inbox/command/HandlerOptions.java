package io.inbox.command;

import io.inbox.error.ConfigurationException;
import io.inbox.spi.HandlerFactory;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where handlers come from. */
final class HandlerOptions {
  @Option(
      names = "--plugins",
      paramLabel = "DIR",
      description = "folder with the jars of handlers (HandlerFactory) and of what they need")
  private @Nullable Path folder;

  @Option(
      names = "--handler-option",
      paramLabel = "KEY=VALUE",
      description = "an option of the handlers; may be given several times")
  private Map<String, String> options = new LinkedHashMap<>();

  @Option(
      names = "--handler-options-file",
      paramLabel = "FILE",
      description =
          "Java properties file with options of the handlers, for what must not be on a command line; --handler-option goes before it")
  private @Nullable Path file;

  Plugins plugins() {
    return Plugins.in(folder);
  }

  Map<String, String> options() {
    return PluginOptions.of("--handler-options-file", file, options);
  }

  /** Finds the factories, each of which is created once. */
  static Handlers find(Plugins plugins) {
    return new Handlers(
        plugins,
        plugins.find(
            loader -> ServiceLoader.load(HandlerFactory.class, loader),
            HandlerFactory::consumer,
            "handler"));
  }

  /** The handlers there are. */
  record Handlers(Plugins plugins, Map<String, HandlerFactory> factories) {
    /** Returns the factory for a consumer, or says how its letters can be handled without one. */
    HandlerFactory of(String consumer) {
      HandlerFactory factory = factories.get(consumer);
      if (factory == null) {
        throw new ConfigurationException(
            "IBX-904",
            "there is no handler for consumer "
                + consumer
                + ", whose dead letters it takes to handle them ("
                + plugins.remedy("handler")
                + "; or call Inbox.deadLetters().replay in the service)");
      }
      return factory;
    }
  }
}
