package io.inbox.command;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.inbox.jdbc.PortableStore;
import io.inbox.postgres.PostgresStore;
import io.inbox.spi.Store;
import io.inbox.spi.Tables;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which database, as whom, and where in it the tables are. */
final class DatabaseOptions {
  private static final int WAIT_SECONDS = 10;

  @Option(
      names = "--url",
      required = true,
      paramLabel = "URL",
      description =
          "JDBC URL, such as jdbc:postgresql://localhost:5432/payments or jdbc:h2:./payments")
  private String url = "";

  @Option(names = "--user", paramLabel = "NAME", description = "database user")
  private @Nullable String user;

  @Option(
      names = "--password-env",
      paramLabel = "VARIABLE",
      description = "environment variable that holds the password; leave it out if there is none")
  private @Nullable String passwordVariable;

  @Option(
      names = "--schema",
      paramLabel = "NAME",
      description = "schema of the tables; default ${DEFAULT-VALUE}")
  private String schema = Tables.ofDefaults().schema();

  @Option(
      names = "--prefix",
      paramLabel = "PREFIX",
      description = "begins the name of every table; default none")
  private String prefix = "";

  /** Checks what can be checked without the database. */
  Store store() {
    Tables tables = Tables.in(schema, prefix);
    if (url.startsWith("jdbc:postgresql:")) {
      return PostgresStore.builder().tables(tables).build();
    }
    if (url.startsWith("jdbc:h2:")) {
      return PortableStore.create(tables);
    }
    throw CommandException.usage("--url must begin with jdbc:postgresql: or jdbc:h2:");
  }

  /** Reads the password, and refuses one that everybody on this machine can read. */
  @Nullable String password(Map<String, String> environment) {
    if (url.toLowerCase(Locale.ROOT).matches(".*[?&;]password=.*")) {
      throw CommandException.usage(
          "--url contains a password, which other users of this machine can read: put it into an environment variable and name that by --password-env");
    }
    if (passwordVariable == null) {
      return null;
    }
    String password = environment.get(passwordVariable);
    if (password == null) {
      // The value is not repeated: it may be the password itself.
      throw CommandException.usage(
          "--password-env names a variable that is not set: it wants the name of the variable, not the password");
    }
    return password;
  }

  /**
   * Opens a pool after one connection was made without it: a pool would wait and try again, and
   * hide why the database refuses.
   */
  HikariDataSource connect(@Nullable String password, int connections) {
    Properties login = new Properties();
    if (user != null) {
      login.setProperty("user", user);
    }
    if (password != null) {
      login.setProperty("password", password);
    }
    DriverManager.setLoginTimeout(WAIT_SECONDS);
    try (Connection probe = DriverManager.getConnection(url, login)) {
      probe.getMetaData();
    } catch (SQLException e) {
      throw CommandException.failed(
          "the database cannot be reached: "
              + hidden(e.getMessage(), password)
              + " (start it, or mend --url, --user or --password-env)",
          e);
    }
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setUsername(user);
    config.setPassword(password);
    config.setPoolName("inbox");
    config.setMaximumPoolSize(connections);
    config.setConnectionTimeout(WAIT_SECONDS * 1_000L);
    config.setInitializationFailTimeout(-1);
    return new HikariDataSource(config);
  }

  /** Drivers may quote what they were given. */
  private static String hidden(@Nullable String message, @Nullable String password) {
    String text = String.valueOf(message);
    return password == null || password.isBlank() ? text : text.replace(password, "***");
  }
}
