package io.inbox.command;

import io.inbox.error.ConfigurationException;
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
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What can be plugged in: services of this program, and those in the jars of a folder. Classes that
 * both have come from this program.
 */
final class Plugins implements AutoCloseable {
  private final @Nullable Path folder;
  private final URLClassLoader loader;

  private Plugins(@Nullable Path folder, URLClassLoader loader) {
    this.folder = folder;
    this.loader = loader;
  }

  static Plugins in(@Nullable Path folder) {
    URL[] jars = folder == null ? new URL[0] : jars(folder);
    return new Plugins(folder, new URLClassLoader("plugins", jars, Plugins.class.getClassLoader()));
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
              + " has no jar (put the plugin's jar there, and those of the libraries it needs)");
    }
    return jars.stream().map(Plugins::url).toArray(URL[]::new);
  }

  private static URL url(Path jar) {
    try {
      return jar.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /**
   * Returns the services of a type by name.
   *
   * @param services what the service loader finds; given as a call so that this module uses it
   * @param what what one is, for errors
   */
  <T> Map<String, T> find(
      Function<ClassLoader, ServiceLoader<T>> services, Function<T, String> name, String what) {
    Map<String, T> found = new TreeMap<>();
    try {
      for (T service : services.apply(loader)) {
        T other = found.putIfAbsent(name.apply(service), service);
        if (other != null) {
          throw new ConfigurationException(
              "IBX-903",
              "two "
                  + what
                  + "s are called "
                  + name.apply(service)
                  + ": "
                  + other.getClass().getName()
                  + " and "
                  + service.getClass().getName()
                  + " (take one of their jars away"
                  + from()
                  + ")");
        }
      }
      return found;
    } catch (ServiceConfigurationError | LinkageError e) {
      throw broken("a " + what, e);
    }
  }

  /** What the threads of a plugin load classes by: libraries look up their own parts by name. */
  ClassLoader loader() {
    return loader;
  }

  /** Returns what to do about a plugin that is not there. */
  String remedy(String what) {
    return folder == null
        ? "name the folder of the " + what + "'s jar by --plugins"
        : "put the " + what + "'s jar into " + folder;
  }

  ConfigurationException broken(String what, Error error) {
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
