package io.inbox.command.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.DriverDataSource;
import io.inbox.command.CommandException;
import io.inbox.jdbc.PortableStore;
import io.inbox.postgres.PostgresStore;
import io.inbox.spi.Store;
import io.inbox.spi.Tables;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Properties;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** One database, as whom to connect to it, and where in it the tables are. Immutable. */
public final class Target {
  private static final int WAIT_SECONDS = 10;

  private static final Pattern SECRET =
      Pattern.compile(".*[?&;](ssl)?password=.*|jdbc:postgresql://[^/?]*@.*", Pattern.DOTALL);

  private final String url;
  private final @Nullable String user;
  private final @Nullable String password;
  private final Tables tables;
  private final String program;

  /**
   * Names a database.
   *
   * @param url the JDBC URL, without a password
   * @param program what the server calls the connections, such as {@code inbox status}
   */
  public Target(
      String url, @Nullable String user, @Nullable String password, Tables tables, String program) {
    this.url = url;
    this.user = user;
    this.password = password;
    this.tables = tables;
    this.program = program;
  }

  /** Returns whether a URL shows a password to whoever sees it. */
  public static boolean holdsPassword(String url) {
    return SECRET.matcher(url.toLowerCase(Locale.ROOT)).matches();
  }

  /** Returns whether it is PostgreSQL; else it is H2. */
  public boolean postgres() {
    return url.startsWith("jdbc:postgresql:");
  }

  /** Returns where the tables are. */
  public Tables tables() {
    return tables;
  }

  /** Returns the URL without its parameters, for people. */
  public String shownUrl() {
    return url.replaceAll("[?;].*", "");
  }

  /** Returns the name of the database as the URL has it. */
  public String name() {
    return shownUrl().replaceFirst("/$", "").replaceFirst(".*[/:\\\\]", "");
  }

  /** Returns the store, which loads a good deal of classes. */
  public Store store() {
    return store(false);
  }

  /** Returns the store, which names the tenant to the policies if they bind this login. */
  public Store store(boolean rowLevelSecurity) {
    return postgres()
        ? PostgresStore.builder().tables(tables).rowLevelSecurity(rowLevelSecurity).build()
        : PortableStore.create(tables);
  }

  /**
   * Returns connections made anew each time, for a command that needs a few. H2 makes no new
   * database, and a pooler before PostgreSQL does no harm, as nothing is prepared on the server.
   */
  public DataSource dataSource() {
    return dataSource(false, false);
  }

  /** Returns connections made anew each time; H2 makes the database if there is none. */
  public DataSource creating() {
    return dataSource(true, false);
  }

  private DataSource dataSource(boolean create, boolean prepare) {
    Properties properties = new Properties();
    String target = url;
    if (postgres()) {
      // Beside the URL, so that what it says wins.
      properties.setProperty("ApplicationName", program);
      if (!prepare) {
        properties.setProperty("prepareThreshold", "0");
      }
      properties.setProperty("tcpKeepAlive", "true");
      properties.setProperty("loginTimeout", String.valueOf(WAIT_SECONDS));
    } else if (!create && !url.toUpperCase(Locale.ROOT).contains(";IFEXISTS=")) {
      target = url + ";IFEXISTS=TRUE";
    }
    try {
      return new DriverDataSource(target, null, properties, user, password);
    } catch (RuntimeException e) { // the driver does not take the URL for one of its own
      throw CommandException.usage(
          "the JDBC URL " + shownUrl() + " cannot be parsed (check host, port and parameters)", e);
    }
  }

  /** Opens a connection, or says why that cannot be done. */
  public Connection connect() {
    try {
      return dataSource().getConnection();
    } catch (SQLException e) {
      throw unreachable(e);
    }
  }

  /** Opens a pool for a job of many transactions, safe behind a pooler. */
  public HikariDataSource pool(int connections) {
    return pool(connections, false);
  }

  /** Opens a pool whose driver prepares statements on the server, for what runs for ever. */
  public HikariDataSource preparingPool(int connections) {
    return pool(connections, true);
  }

  /**
   * Opens a pool after one connection was made without it: a pool would wait and try again, and
   * hide why the database refuses. It is told the isolation: HikariCP asks its first connection
   * once, and if that dies meanwhile never makes another that is usable.
   */
  private HikariDataSource pool(int connections, boolean prepare) {
    int isolation;
    try (Connection probe = connect()) {
      isolation = probe.getTransactionIsolation();
    } catch (SQLException e) {
      throw unreachable(e);
    }
    HikariConfig config = new HikariConfig();
    config.setDataSource(dataSource(false, prepare));
    config.setPoolName("inbox");
    config.setTransactionIsolation(String.valueOf(isolation));
    config.setMaximumPoolSize(connections);
    config.setConnectionTimeout(WAIT_SECONDS * 1_000L);
    config.setInitializationFailTimeout(-1);
    return new HikariDataSource(config);
  }

  private CommandException unreachable(SQLException error) {
    return CommandException.failed(
        "the database at "
            + shownUrl()
            + " cannot be reached: "
            + hidden(error.getMessage())
            + " (start it, or mend the URL, the user or the password)",
        error);
  }

  /** Drivers may quote what they were given. */
  public String hidden(@Nullable String message) {
    String text = String.valueOf(message);
    return password == null || password.isBlank() ? text : text.replace(password, "***");
  }
}
