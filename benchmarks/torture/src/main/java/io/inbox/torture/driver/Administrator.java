package io.inbox.torture.driver;

import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.fault.ServerControl;
import io.inbox.torture.database.Database;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** What is done to the server and its sessions, past every proxy. Each call blocks. Thread-safe. */
final class Administrator {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Database database;
  private final ReentrantLock restarting = new ReentrantLock();

  Administrator(Database database) {
    this.database = database;
  }

  /** Work on a connection. */
  @FunctionalInterface
  interface Work<T> {
    T run(Statement statement) throws SQLException;
  }

  /** Returns whether there is a server. */
  boolean present() {
    return database.server().isPresent();
  }

  private PostgresServer server() {
    return database.server().orElseThrow(() -> new IllegalStateException("there is no server"));
  }

  /** Runs work, again while the server is away because of another fault. */
  <T> T patiently(Work<T> work) throws SQLException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try (Connection connection = database.connections().getConnection();
          Statement statement = connection.createStatement()) {
        return work.run(statement);
      } catch (SQLException e) {
        if (System.nanoTime() > end || !away(e)) {
          throw e;
        }
        PointFaults.pause(50);
      }
    }
  }

  private static boolean away(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    return state.startsWith("08") || state.startsWith("57P");
  }

  void terminate(int session) throws SQLException {
    patiently(it -> it.execute("SELECT pg_terminate_backend(" + session + ", 5000)"));
  }

  /** Ends, or only cancels, what a worker's sessions are doing; returns how many. */
  int signalAll(WorkerLink link, boolean terminate) throws SQLException {
    List<Integer> backends = backends(link);
    String function = terminate ? "pg_terminate_backend" : "pg_cancel_backend";
    for (int backend : backends) {
      patiently(it -> it.execute("SELECT " + function + "(" + backend + ")"));
    }
    return backends.size();
  }

  /** Returns the process ids behind a worker's sessions. */
  List<Integer> backends(WorkerLink link) throws SQLException {
    return numbers("SELECT pid FROM pg_stat_activity WHERE application_name = '" + link + "'");
  }

  private List<Integer> numbers(String query) throws SQLException {
    return patiently(
        statement -> {
          List<Integer> numbers = new ArrayList<>();
          try (ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
              numbers.add(rows.getInt(1));
            }
          }
          return numbers;
        });
  }

  /** Lets every COMMIT wait for a standby that there is none, or none wait. */
  void waitForStandby(boolean on) throws SQLException {
    String names = on ? "'nobody'" : "''";
    patiently(it -> it.execute("ALTER SYSTEM SET synchronous_standby_names = " + names));
    patiently(it -> it.execute("SELECT pg_reload_conf()"));
    if (on) {
      PointFaults.pause(150); // the server processes learn of it one by one
      patiently(it -> it.execute("CHECKPOINT")); // and whether to wait from the checkpointer
    }
  }

  /** Cancels the wait of a session for the standby; returns false if it does not begin to wait. */
  boolean cancelWait(int session) throws SQLException {
    String waits =
        "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND pid = " + session;
    for (int i = 0; i < 400; i++) {
      if (!numbers(waits).isEmpty()) {
        patiently(it -> it.execute("SELECT pg_cancel_backend(" + session + ")"));
        return true;
      }
      PointFaults.pause(25);
    }
    return false;
  }

  void restart(boolean immediately) throws IOException, InterruptedException, SQLException {
    restarting.lock();
    try {
      if (immediately) {
        ServerControl.restartImmediately(server());
      } else {
        ServerControl.restartFast(server());
      }
      patiently(it -> it.execute("SELECT 1"));
    } finally {
      restarting.unlock();
    }
  }

  /** Kills one server process, upon which the server ends all others and recovers. */
  void killBackend(int backend) throws SQLException {
    restarting.lock();
    try {
      ProcessHandle.of(backend).ifPresent(ProcessHandle::destroyForcibly);
      patiently(it -> it.execute("SELECT 1"));
    } finally {
      restarting.unlock();
    }
  }
}
