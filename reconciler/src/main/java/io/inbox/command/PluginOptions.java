package io.inbox.command;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** Options for a plugin: from a file, and from the command line, which goes before it. */
final class PluginOptions {
  private PluginOptions() {}

  /**
   * Puts both together.
   *
   * @param name the option that names the file, for errors
   */
  static Map<String, String> of(String name, @Nullable Path file, Map<String, String> options) {
    Map<String, String> all = new LinkedHashMap<>();
    if (file != null) {
      Properties properties = new Properties();
      try (Reader reader = Files.newBufferedReader(file)) {
        properties.load(reader);
      } catch (IOException | IllegalArgumentException e) {
        throw CommandException.usage(name + " cannot be read: " + e, e);
      }
      properties.stringPropertyNames().forEach(key -> all.put(key, properties.getProperty(key)));
    }
    all.putAll(options);
    return all;
  }
}
