package io.inbox.command;

import io.inbox.error.ConfigurationException;
import io.inbox.outbox.Publisher;
import io.inbox.spi.PublisherFactory;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The publishers that can be chosen: those of this program, and those in the jars of a folder. What
 * both have comes from this program.
 */
final class PublisherPlugins implements AutoCloseable {
  private final @Nullable Path folder;
  private final URLClassLoader loader;
  private final Map<String, PublisherFactory> factories = new TreeMap<>();

  private PublisherPlugins(@Nullable Path folder, URLClassLoader loader) {
    this.folder = folder;
    this.loader = loader;
  }

  static PublisherPlugins in(@Nullable Path folder) {
    URL[] jars = folder == null ? new URL[0] : jars(folder);
    PublisherPlugins plugins =
        new PublisherPlugins(
            folder, new URLClassLoader("plugins", jars, PublisherPlugins.class.getClassLoader()));
    try {
      plugins.find();
      return plugins;
    } catch (RuntimeException e) {
      plugins.close();
      throw e;
    }
  }

  private static URL[] jars(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw CommandException.usage("--plugins " + folder + " is no folder");
    }
    List<Path> jars;
    try (Stream<Path> files = Files.list(folder)) {
      jars = files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    } catch (IOException e) {
      throw CommandException.usage("--plugins " + folder + " cannot be read: " + e, e);
    }
    if (jars.isEmpty()) {
      throw CommandException.usage(
          "--plugins "
              + folder
              + " has no jar (put the publisher's jar there, and those of the libraries it needs)");
    }
    return jars.stream().map(PublisherPlugins::url).toArray(URL[]::new);
  }

  private static URL url(Path jar) {
    try {
      return jar.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private void find() {
    try {
      for (PublisherFactory factory : ServiceLoader.load(PublisherFactory.class, loader)) {
        PublisherFactory other = factories.putIfAbsent(factory.name(), factory);
        if (other != null) {
          throw new ConfigurationException(
              "IBX-903",
              "two publishers are called "
                  + factory.name()
                  + ": "
                  + other.getClass().getName()
                  + " and "
                  + factory.getClass().getName()
                  + " (take one of their jars away"
                  + from()
                  + ")");
        }
      }
    } catch (ServiceConfigurationError | LinkageError e) {
      throw broken("a publisher", e);
    }
  }

  /** Makes a publisher, on the class loader of its jar. */
  Publisher create(String name, Map<String, String> options) {
    PublisherFactory factory = factories.get(name);
    if (factory == null) {
      throw new ConfigurationException(
          "IBX-902",
          "there is no publisher "
              + name
              + ", only "
              + String.join(", ", factories.keySet())
              + (folder == null
                  ? " (name the folder of its jar by --plugins)"
                  : " (put its jar into " + folder + ")"));
    }
    try {
      return factory.create(options);
    } catch (LinkageError e) {
      throw broken("publisher " + name, e);
    }
  }

  /** What the threads of a publisher load classes by: libraries look up their own parts by name. */
  ClassLoader loader() {
    return loader;
  }

  private ConfigurationException broken(String what, Error error) {
    return new ConfigurationException(
        "IBX-903",
        what
            + " cannot be loaded"
            + from()
            + ": "
            + error
            + (error.getCause() == null ? "" : ": " + error.getCause())
            + " (put the libraries it needs beside it, in versions that fit)",
        error);
  }

  private String from() {
    return folder == null ? "" : " from " + folder;
  }

  @Override
  public void close() {
    try {
      loader.close();
    } catch (IOException e) {
      // The process is about to end, and nothing was written through it.
    }
  }
}
