package io.inbox.samples.quickstart;

import io.inbox.error.InvalidMessageException;
import io.inbox.json.JsonDocument;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The command line, checked. */
final class Options {
  static final String USAGE =
      """
      mvn -q -Pquickstart [-Dquickstart.args="OPTIONS"]

      Handles a stream of webhooks with several consumer processes, kills one of them half-way, and checks the books.

        --database h2|postgres  the database to start: a file of H2 (default), or an embedded PostgreSQL 18
        --url URL               a database of your own instead: jdbc:postgresql:... or jdbc:h2:...
        --user NAME             its user
        --password-env VAR      the environment variable that holds the password
        --input FILE            webhooks of your own, one JSON object per line; - reads standard input to its end first
        --id POINTER            where the message id is in a webhook (default /id), as a JSON pointer
        --time POINTER          where its time is (default /created); it may be absent
        --account POINTER       where the account is (default /account)
        --amount POINTER        where the amount is (default /amount)
        --count-per POINTER     count webhooks per text at this pointer instead of adding amounts
        --consumers N           consumer processes, 1 to 16 (default 3)
        --deliveries N          length of the generated stream (default 4000)
        --seed N                another generated stream (default 1)
        --without-inbox         handle the same stream without the library, to see the damage
        --help                  this text

      Exit code: 0 OK, 1 VIOLATED, 2 wrong input or option, 3 trouble with the database.
      """;

  private static final Set<String> FLAGS = Set.of("--without-inbox", "--help");
  private static final List<String> KNOWN =
      List.of(
          "--database",
          "--url",
          "--user",
          "--password-env",
          "--input",
          "--id",
          "--time",
          "--account",
          "--amount",
          "--count-per",
          "--consumers",
          "--deliveries",
          "--seed");

  private final Map<String, String> given = new LinkedHashMap<>();

  private Options() {}

  static Options parse(String[] args) {
    Options options = new Options();
    for (int i = 0; i < args.length; i++) {
      String name = args[i];
      int equals = name.startsWith("--") ? name.indexOf('=') : -1;
      @Nullable String value = equals > 0 ? name.substring(equals + 1) : null;
      name = equals > 0 ? name.substring(0, equals) : name;
      if (FLAGS.contains(name) && value == null) {
        value = "";
      } else if (!KNOWN.contains(name)) {
        throw Stop.input("there is no option '" + name + "' (--help lists them)");
      } else if (value == null) {
        if (i + 1 == args.length || args[i + 1].startsWith("--")) {
          throw Stop.input(name + " needs a value (--help says which)");
        }
        value = args[++i];
      }
      if (options.given.put(name, value) != null) {
        throw Stop.input(name + " is given twice");
      }
    }
    if (!options.help()) {
      options.check();
    }
    return options;
  }

  private void check() {
    if (url().isPresent()) {
      alone("--database", "--url");
    } else {
      needs("--user", "--url");
      needs("--password-env", "--url");
    }
    if (input().isPresent()) {
      alone("--deliveries", "--input");
      alone("--seed", "--input");
    } else {
      for (String name : List.of("--id", "--time", "--account", "--amount", "--count-per")) {
        needs(name, "--input");
      }
    }
    if (given.containsKey("--count-per")) {
      alone("--account", "--count-per");
      alone("--amount", "--count-per");
    }
    if (!database().equals("h2") && !database().equals("postgres")) {
      throw Stop.input("--database is '" + database() + "', it must be h2 or postgres");
    }
    for (String name : List.of("--id", "--time", "--account", "--amount", "--count-per")) {
      pointer(name);
    }
    consumers();
    deliveries();
    seed();
  }

  private void alone(String name, String other) {
    if (given.containsKey(name)) {
      throw Stop.input(name + " has no meaning beside " + other + " (leave one of them out)");
    }
  }

  private void needs(String name, String other) {
    if (given.containsKey(name) && !given.containsKey(other)) {
      throw Stop.input(name + " has a meaning only beside " + other);
    }
  }

  private void pointer(String name) {
    try {
      JsonDocument.parse("{}".getBytes(StandardCharsets.UTF_8)).text(given.getOrDefault(name, "/"));
    } catch (InvalidMessageException e) {
      throw Stop.input(
          name
              + ": '"
              + given.get(name)
              + "' is no JSON pointer; one starts with a slash, such as /data/id (~1 stands for a slash in a name, ~0 for a tilde)");
    }
  }

  boolean help() {
    return given.containsKey("--help");
  }

  boolean withInbox() {
    return !given.containsKey("--without-inbox");
  }

  String database() {
    return given.getOrDefault("--database", "h2");
  }

  Optional<String> url() {
    return Optional.ofNullable(given.get("--url"));
  }

  String user() {
    return given.getOrDefault("--user", "");
  }

  String password() {
    @Nullable String variable = given.get("--password-env");
    if (variable == null) {
      return "";
    }
    @Nullable String password = System.getenv(variable);
    if (password == null) {
      throw Stop.input(
          "--password-env: there is no environment variable "
              + variable
              + " (export it before mvn, or leave the option out where no password is needed)");
    }
    return password;
  }

  Optional<String> input() {
    return Optional.ofNullable(given.get("--input"));
  }

  Pointers pointers() {
    boolean counting = given.containsKey("--count-per");
    return new Pointers(
        given.getOrDefault("--id", Pointers.PAYMENTS.id()),
        given.getOrDefault("--time", Pointers.PAYMENTS.time()),
        given.getOrDefault(counting ? "--count-per" : "--account", Pointers.PAYMENTS.account()),
        counting ? "" : given.getOrDefault("--amount", Pointers.PAYMENTS.amount()));
  }

  int consumers() {
    return (int) number("--consumers", 3, 1, 16);
  }

  int deliveries() {
    return (int) number("--deliveries", 4_000, 1, 10_000_000);
  }

  long seed() {
    return number("--seed", 1, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  private long number(String name, long fallback, long least, long most) {
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
}
