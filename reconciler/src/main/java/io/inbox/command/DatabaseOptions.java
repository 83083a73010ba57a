package io.inbox.command;

import io.inbox.command.database.Target;
import io.inbox.spi.Tables;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Which database, as whom, and where in it the tables are: from the command line, else from the
 * environment, else from a file.
 */
final class DatabaseOptions {
  @Spec(Spec.Target.MIXEE)
  private @SuppressWarnings("NullAway.Init") CommandSpec command;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description =
          "JDBC URL, such as jdbc:postgresql://localhost:5432/payments or jdbc:h2:./payments; else INBOX_URL")
  private @Nullable String url;

  @Option(
      names = "--user",
      paramLabel = "NAME",
      description = "database user; else INBOX_USER, else the driver's")
  private @Nullable String user;

  @Option(
      names = "--password-env",
      paramLabel = "VARIABLE",
      description = "environment variable that holds the password; else INBOX_PASSWORD")
  private @Nullable String passwordVariable;

  @Option(
      names = "--schema",
      paramLabel = "NAME",
      description = "schema of the tables; else INBOX_SCHEMA, else inbox")
  private @Nullable String schema;

  @Option(
      names = "--prefix",
      paramLabel = "PREFIX",
      description = "begins the name of every table; else INBOX_PREFIX, else none")
  private @Nullable String prefix;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "Java properties file with url, user, password, schema and prefix; else INBOX_CONFIG")
  private @Nullable String config;

  /** Puts the sources together and checks what can be checked without the database. */
  Target target(Session session) {
    Map<String, String> environment = session.environment();
    ConfigFile file = file(environment);
    String address =
        first(url, environment, "INBOX_URL", file, "url")
            .orElseThrow(
                () ->
                    new ParameterException(
                        command.commandLine(),
                        "no database is named: say --url, or set INBOX_URL, or name a file by --config"));
    check(address);
    return new Target(
        address,
        first(user, environment, "INBOX_USER", file, "user").orElse(null),
        password(environment, file).orElse(null),
        tables(environment, file),
        command.qualifiedName());
  }

  /** Returns where the tables are, for what needs no database. */
  Tables tables(Session session) {
    return tables(session.environment(), file(session.environment()));
  }

  private Tables tables(Map<String, String> environment, ConfigFile file) {
    return Tables.in(
        first(schema, environment, "INBOX_SCHEMA", file, "schema")
            .orElse(Tables.ofDefaults().schema()),
        first(prefix, environment, "INBOX_PREFIX", file, "prefix").orElse(""));
  }

  private ConfigFile file(Map<String, String> environment) {
    String name = config != null ? config : environment.getOrDefault("INBOX_CONFIG", "");
    if (name.isEmpty()) {
      return ConfigFile.none();
    }
    try {
      return ConfigFile.read(Path.of(name));
    } catch (InvalidPathException e) {
      throw CommandException.usage("--config is no path: " + e.getReason(), e);
    }
  }

  /** A variable that is set to nothing counts as not set. */
  private static Optional<String> first(
      @Nullable String option,
      Map<String, String> environment,
      String variable,
      ConfigFile file,
      String key) {
    if (option != null) {
      return Optional.of(option);
    }
    String value = environment.getOrDefault(variable, "");
    return value.isEmpty() ? file.get(key) : Optional.of(value);
  }

  private Optional<String> password(Map<String, String> environment, ConfigFile file) {
    if (passwordVariable == null) {
      return first(null, environment, "INBOX_PASSWORD", file, ConfigFile.PASSWORD);
    }
    String password = environment.get(passwordVariable);
    if (password == null) {
      // The value is not repeated: it may be the password itself.
      throw CommandException.usage(
          "--password-env names a variable that is not set: it wants the name of the variable, not the password");
    }
    return Optional.of(password);
  }

  /** Refuses a password where errors, logs and other users of this machine could show it. */
  private static void check(String url) {
    if (Target.holdsPassword(url)) {
      throw CommandException.usage(
          "the URL contains a password, which other users of this machine can read: put it into INBOX_PASSWORD, or into another variable and name that by --password-env");
    }
    if (!url.startsWith("jdbc:postgresql:") && !url.startsWith("jdbc:h2:")) {
      throw CommandException.usage("the URL must begin with jdbc:postgresql: or jdbc:h2:");
    }
  }
}
