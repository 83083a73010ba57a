package io.inbox.samples.stage;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A command line of {@code --name value}, {@code --name=value} and flags. Whatever is wrong with it
 * ends the program by {@link Stop#input}.
 */
public final class Arguments {
  private final Map<String, String> given = new LinkedHashMap<>();

  private Arguments() {}

  /**
   * Takes a command line apart.
   *
   * @param flags the options that stand alone
   * @param known the options that need a value
   */
  public static Arguments parse(String[] args, Collection<String> flags, Collection<String> known) {
    Arguments arguments = new Arguments();
    for (int i = 0; i < args.length; i++) {
      String name = args[i];
      int equals = name.startsWith("--") ? name.indexOf('=') : -1;
      @Nullable String value = equals > 0 ? name.substring(equals + 1) : null;
      name = equals > 0 ? name.substring(0, equals) : name;
      if (flags.contains(name) && value == null) {
        value = "";
      } else if (!known.contains(name)) {
        throw Stop.input("there is no option '" + name + "' (--help lists them)");
      } else if (value == null) {
        if (i + 1 == args.length || args[i + 1].startsWith("--")) {
          throw Stop.input(name + " needs a value (--help says which)");
        }
        value = args[++i];
      }
      if (arguments.given.put(name, value) != null) {
        throw Stop.input(name + " is given twice");
      }
    }
    return arguments;
  }

  /** Returns whether an option was given. */
  public boolean has(String name) {
    return given.containsKey(name);
  }

  /** Returns what was given for an option. */
  public Optional<String> value(String name) {
    return Optional.ofNullable(given.get(name));
  }

  /** Returns what was given for an option, or else its default. */
  public String value(String name, String fallback) {
    return given.getOrDefault(name, fallback);
  }

  /** Returns the whole number that was given for an option, or else its default. */
  public long number(String name, long fallback, long least, long most) {
    @Nullable String text = given.get(name);
    if (text == null) {
      return fallback;
    }
    try {
      long number = Long.parseLong(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw Stop.input(
        name
            + " is '"
            + text
            + "', it must be a whole number"
            + (least == Long.MIN_VALUE ? "" : " from " + least + " to " + most));
  }

  /** Checks the option that chooses the database to start. */
  public String database() {
    String database = value("--database", "h2");
    if (!database.equals("h2") && !database.equals("postgres")) {
      throw Stop.input("--database is '" + database + "', it must be h2 or postgres");
    }
    return database;
  }
}
