package io.inbox.migrations;

import java.io.PrintStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The command line of the schema: {@code migrate} brings a database up to date, {@code render}
 * writes the SQL files.
 *
 * <p>Exit code 0 means done, 2 wrong usage, 3 that the database or the schema cannot be used. Every
 * error is one line on standard error.
 */
public final class Main {
  private static final int OK = 0;
  private static final int USAGE = 2;
  private static final int FAILED = 3;

  /** A field, as java.util.logging forgets the level of a logger that nobody refers to. */
  private static final Logger FLYWAY_LOG = Logger.getLogger("org.flywaydb");

  private static final String HELP_FORMAT =
      """
      Usage:
        migrate --url URL --user NAME --password-env VARIABLE [--schema NAME] [--prefix PREFIX]
            Brings the schema of Inbox in a database to version %d.
        render --database postgresql|h2 --output FOLDER [--schema NAME] [--prefix PREFIX]
            Writes the same as SQL files, for a DBA; for postgresql also roles,
            row-level security and time buckets.
      Options:
        --url URL                JDBC URL, such as jdbc:postgresql://localhost:5432/payments or jdbc:h2:./payments
        --user NAME              user that owns the schema, or may create it
        --password-env VARIABLE  environment variable that holds the password; leave it out if there is none
        --schema NAME            schema for the tables; default %s
        --prefix PREFIX          begins the name of every table; default none
        --help                   prints this
      Exit codes: 0 done, 2 wrong usage, 3 database unreachable or schema wrong
      """;

  private final Map<String, String> environment;
  private final PrintStream out;
  private final PrintStream err;

  Main(Map<String, String> environment, PrintStream out, PrintStream err) {
    this.environment = environment;
    this.out = out;
    this.err = err;
  }

  /** Runs one command and ends the JVM with its exit code. */
  public static void main(String[] args) {
    // Without a logging library on the class path SLF4J and Flyway would talk on standard error.
    if (System.getProperty("slf4j.internal.verbosity") == null) {
      System.setProperty("slf4j.internal.verbosity", "ERROR");
    }
    FLYWAY_LOG.setLevel(Level.OFF);
    System.exit(new Main(System.getenv(), System.out, System.err).run(args));
  }

  int run(String... args) {
    List<String> words = List.of(args);
    if (words.contains("--help") || words.contains("-h")) {
      out.print(HELP_FORMAT.formatted(InboxMigrations.latestVersion(), Names.DEFAULT_SCHEMA));
      return OK;
    }
    try {
      if (words.isEmpty()) {
        throw new UsageException("no command given: say migrate or render");
      }
      List<String> options = words.subList(1, words.size());
      return switch (words.get(0)) {
        case "migrate" -> migrate(options);
        case "render" -> render(options);
        default ->
            throw new UsageException(
                "unknown command \"" + words.get(0) + "\": say migrate or render");
      };
    } catch (UsageException e) {
      err.println("error: " + e.getMessage() + " (--help shows the options)");
      return USAGE;
    } catch (MigrationException e) {
      err.println("error: " + e.getMessage());
      // A name that is not allowed came from the command line.
      return e.code().startsWith("IBX-30") ? USAGE : FAILED;
    }
  }

  private int migrate(List<String> words) {
    Options options =
        Options.parse(words, List.of("--url", "--user", "--password-env", "--schema", "--prefix"));
    String url = options.required("--url");
    if (!url.startsWith("jdbc:")) {
      throw new UsageException(
          "--url must be a JDBC URL, such as jdbc:postgresql://localhost/payments");
    }
    if (url.toLowerCase(Locale.ROOT).matches(".*[?&;]password=.*")) {
      throw new UsageException(
          "--url contains a password, which other users of this machine can read: put it into an environment variable and name that by --password-env");
    }
    String password = password(options);
    InboxMigrations migrations =
        InboxMigrations.on(new UrlDataSource(url, options.optional("--user"), password))
            .schema(options.optional("--schema", Names.DEFAULT_SCHEMA))
            .prefix(options.optional("--prefix", ""));
    MigrationResult result = migrate(migrations, password);
    out.printf(
        "schema \"%s\": version %d, %s%n",
        options.optional("--schema", Names.DEFAULT_SCHEMA),
        result.toVersion(),
        result.applied() == 0
            ? "nothing to do"
            : "migrated from version %d (%d applied)"
                .formatted(result.fromVersion(), result.applied()));
    return OK;
  }

  private @Nullable String password(Options options) {
    String variable = options.optional("--password-env");
    if (variable == null) {
      return null;
    }
    String password = environment.get(variable);
    if (password == null) {
      throw new UsageException(
          "--password-env names a variable that is not set: it wants the name of the variable, not the password");
    }
    return password;
  }

  /** Drivers may quote what they were given. */
  private static MigrationResult migrate(InboxMigrations migrations, @Nullable String password) {
    try {
      return migrations.migrate();
    } catch (MigrationException e) {
      String message = String.valueOf(e.getMessage()).substring(e.code().length() + 1);
      String shown =
          password == null || password.isBlank() ? message : message.replace(password, "***");
      throw new MigrationException(e.code(), shown.replaceAll("\\s*\\R\\s*", " "), e);
    }
  }

  private int render(List<String> words) {
    Options options =
        Options.parse(words, List.of("--database", "--output", "--schema", "--prefix"));
    InboxScripts scripts =
        InboxScripts.of(database(options.required("--database")))
            .schema(options.optional("--schema", Names.DEFAULT_SCHEMA))
            .prefix(options.optional("--prefix", ""));
    for (Path file : scripts.render(folder(options.required("--output")))) {
      out.println(file);
    }
    return OK;
  }

  private static Path folder(String name) {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw new UsageException("--output is no path: " + e.getReason());
    }
  }

  private static Database database(String name) {
    return switch (name) {
      case "postgresql" -> Database.POSTGRESQL;
      case "h2" -> Database.H2;
      default ->
          throw new UsageException("--database \"" + name + "\" is unknown: say postgresql or h2");
    };
  }
}
