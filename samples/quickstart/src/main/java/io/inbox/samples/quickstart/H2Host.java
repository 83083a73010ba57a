package io.inbox.samples.quickstart;

import io.inbox.samples.stage.Sql;
import io.inbox.samples.stage.Stop;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.UUID;
import org.h2.tools.Server;

/**
 * A file of H2, opened here and served to the consumers on a port of the loopback interface. Lock
 * and port belong to this process, so the operating system takes both back however it ends.
 */
final class H2Host implements Host {
  private static final String ALREADY_OPEN = "90020";

  private final String path;
  private final Connection keepsItOpen;
  private final Server server;
  private final Access access;

  private H2Host(String path, Connection keepsItOpen, Server server, Access access) {
    this.path = path;
    this.keepsItOpen = keepsItOpen;
    this.server = server;
    this.access = access;
  }

  static boolean isFile(String url) {
    return url.startsWith("jdbc:h2:")
        && !url.startsWith("jdbc:h2:tcp:")
        && !url.startsWith("jdbc:h2:ssl:")
        && !url.startsWith("jdbc:h2:mem:");
  }

  /** Opens or creates the file that a URL names; commits reach it before they are answered. */
  static H2Host open(String url, String user, String password) {
    // Before the first class of H2 is loaded: a server for this machine only.
    System.setProperty("h2.bindAddress", "127.0.0.1");
    String path = url.replaceFirst("^jdbc:h2:(file:)?", "").replaceFirst(";.*", "");
    String durable = url.contains("WRITE_DELAY") ? url : url + ";WRITE_DELAY=0";
    try {
      Connection connection = DriverManager.getConnection(durable, user, password);
      // The name under which it is served is a secret of this run, for the consumers only.
      String name = UUID.randomUUID().toString().replace("-", "");
      Server server =
          Server.createTcpServer("-tcpPort", "0", "-tcpDaemon", "-key", name, path).start();
      String served = "jdbc:h2:tcp://127.0.0.1:" + server.getPort() + "/" + name;
      return new H2Host(path, connection, server, new Access(served, user, password));
    } catch (SQLException e) {
      throw Stop.database(
          ALREADY_OPEN.equals(e.getSQLState())
              ? "the H2 database "
                  + path
                  + " is in use by another process (let the other run end first)"
              : "the H2 database " + path + " cannot be opened: " + Sql.firstLine(e));
    }
  }

  @Override
  public String describe() {
    return "H2, file " + path + ".mv.db";
  }

  @Override
  public Access access() {
    return access;
  }

  @Override
  public boolean alive() {
    return server.isRunning(false);
  }

  @Override
  public void close() {
    server.stop();
    try {
      keepsItOpen.close();
    } catch (SQLException e) {
      // Everything is committed; the next run opens it again.
    }
  }
}
