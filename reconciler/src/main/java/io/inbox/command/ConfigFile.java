package io.inbox.command;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A Java properties file that says which database, as whom, and where in it the tables are. */
final class ConfigFile {
  static final String PASSWORD = "password";

  private static final List<String> KEYS = List.of("url", "user", PASSWORD, "schema", "prefix");

  private final Properties properties;

  private ConfigFile(Properties properties) {
    this.properties = properties;
  }

  /** A file that says nothing. */
  static ConfigFile none() {
    return new ConfigFile(new Properties());
  }

  /** Reads a file; refuses keys it does not know, and a password that everybody can read. */
  static ConfigFile read(Path file) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw CommandException.usage("configuration file " + file + " cannot be read: " + e, e);
    }
    for (String key : new TreeSet<>(properties.stringPropertyNames())) {
      if (!KEYS.contains(key)) {
        throw CommandException.usage(
            "configuration file "
                + file
                + " has the unknown key "
                + Text.oneLine(key)
                + Suggestion.among(KEYS, key)
                + " (known are "
                + String.join(", ", KEYS)
                + ")");
      }
    }
    if (properties.containsKey(PASSWORD) && openToOthers(file)) {
      throw CommandException.usage(
          "configuration file "
              + file
              + " holds a password and can be read or written by every user of this machine (chmod 600 it)");
    }
    return new ConfigFile(properties);
  }

  Optional<String> get(String key) {
    @Nullable String value = properties.getProperty(key);
    return Optional.ofNullable(value);
  }

  private static boolean openToOthers(Path file) {
    try {
      Set<PosixFilePermission> allowed = Files.getPosixFilePermissions(file);
      return allowed.contains(PosixFilePermission.OTHERS_READ)
          || allowed.contains(PosixFilePermission.OTHERS_WRITE);
    } catch (UnsupportedOperationException e) {
      return false; // no such permissions on this system
    } catch (IOException e) {
      throw CommandException.usage("configuration file " + file + " cannot be read: " + e, e);
    }
  }
}
