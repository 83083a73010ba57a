package io.inbox.samples.quickstart;

import io.inbox.error.InvalidMessageException;
import io.inbox.json.JsonDocument;
import io.inbox.samples.stage.Arguments;
import io.inbox.samples.stage.Stop;
import java.nio.charset.StandardCharsets;
import java.util.List;
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

  private final Arguments given;

  private Options(Arguments given) {
    this.given = given;
  }

  static Options parse(String[] args) {
    Options options = new Options(Arguments.parse(args, FLAGS, KNOWN));
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
    if (given.has("--count-per")) {
      alone("--account", "--count-per");
      alone("--amount", "--count-per");
    }
    database();
    for (String name : List.of("--id", "--time", "--account", "--amount", "--count-per")) {
      pointer(name);
    }
    consumers();
    deliveries();
    seed();
  }

  private void alone(String name, String other) {
    if (given.has(name)) {
      throw Stop.input(name + " has no meaning beside " + other + " (leave one of them out)");
    }
  }

  private void needs(String name, String other) {
    if (given.has(name) && !given.has(other)) {
      throw Stop.input(name + " has a meaning only beside " + other);
    }
  }

  private void pointer(String name) {
    try {
      JsonDocument.parse("{}".getBytes(StandardCharsets.UTF_8)).text(given.value(name, "/"));
    } catch (InvalidMessageException e) {
      throw Stop.input(
          name
              + ": '"
              + given.value(name, "")
              + "' is no JSON pointer; one starts with a slash, such as /data/id (~1 stands for a slash in a name, ~0 for a tilde)");
    }
  }

  boolean help() {
    return given.has("--help");
  }

  boolean withInbox() {
    return !given.has("--without-inbox");
  }

  String database() {
    return given.database();
  }

  Optional<String> url() {
    return given.value("--url");
  }

  String user() {
    return given.value("--user", "");
  }

  String password() {
    String variable = given.value("--password-env", "");
    if (variable.isEmpty()) {
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
    return given.value("--input");
  }

  Pointers pointers() {
    boolean counting = given.has("--count-per");
    return new Pointers(
        given.value("--id", Pointers.PAYMENTS.id()),
        given.value("--time", Pointers.PAYMENTS.time()),
        given.value(counting ? "--count-per" : "--account", Pointers.PAYMENTS.account()),
        counting ? "" : given.value("--amount", Pointers.PAYMENTS.amount()));
  }

  int consumers() {
    return (int) given.number("--consumers", 3, 1, 16);
  }

  int deliveries() {
    return (int) given.number("--deliveries", 4_000, 1, 10_000_000);
  }

  long seed() {
    return given.number("--seed", 1, Long.MIN_VALUE, Long.MAX_VALUE);
  }
}
