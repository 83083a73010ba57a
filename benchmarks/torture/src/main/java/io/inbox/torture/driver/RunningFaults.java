package io.inbox.torture.driver;

import io.inbox.testkit.fault.ChildJvm;
import io.inbox.testkit.fault.FaultProxy;
import io.inbox.torture.fault.Fault;
import io.inbox.torture.plan.Group;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What is done to a worker, the server or the receiver at any moment. Each call blocks. */
final class RunningFaults {
  private final Administrator administrator;
  private final Receiver receiver;
  private final Duration lease;

  RunningFaults(Administrator administrator, Receiver receiver, Duration lease) {
    this.administrator = administrator;
    this.receiver = receiver;
    this.lease = lease;
  }

  /** Strikes and returns what was done. */
  String strike(Fault fault, WorkerLink victim)
      throws IOException, InterruptedException, SQLException {
    int some = fault.choice();
    return switch (fault.kind()) {
      case KILL -> {
        victim.kill();
        yield "killed " + victim;
      }
      case PAUSE -> pause(victim, Duration.ofMillis(50 + some / 2));
      case PAUSE_PAST_LEASE -> pause(victim, lease.plusMillis(300 + some));
      case TERMINATE_ALL ->
          "ended " + administrator.signalAll(victim, true) + " sessions of " + victim;
      case CANCEL -> cancel(victim);
      case SERVER_IMMEDIATE -> restart(true);
      case SERVER_FAST -> restart(false);
      case BACKEND_KILLED -> killBackend(victim, some);
      case REFUSE -> refuse(victim, 100 + some);
      case CUT_ALL -> {
        proxy(victim).cutAll();
        yield "cut all connections of " + victim;
      }
      case FRAGMENT -> fragment(victim, 1_000);
      case DELAY -> delay(victim, 1_500);
      case OLD_SNAPSHOT -> oldSnapshot(1_000 + some);
      case LOCKED_ACCOUNTS -> lockAccounts(some, 500);
      case REINDEX -> reindex();
      case RECEIVER_DOWN -> receiverDown(500 + some);
      case RECEIVER_FAILS -> {
        receiver.fail(1 + some % 3);
        yield awaitReceiver("one message of the next batches failed");
      }
      case RECEIVER_UNHEARD -> {
        receiver.loseAnswers(1 + some % 2);
        yield awaitReceiver("the answer to the next batches was lost");
      }
      case RECEIVER_SLOW -> {
        receiver.slowDown(1);
        yield awaitReceiver("the answer to the next batch was late");
      }
      default -> throw new IllegalArgumentException(fault.kind() + " does not strike by itself");
    };
  }

  private static FaultProxy proxy(WorkerLink link) {
    return link.proxy().orElseThrow(() -> new IllegalStateException(link + " has no proxy"));
  }

  private static String pause(WorkerLink victim, Duration time)
      throws IOException, InterruptedException {
    Optional<ChildJvm> process = victim.process();
    if (process.isEmpty()) {
      return "not: " + victim + " is no process";
    }
    process.get().pause();
    PointFaults.pause(time.toMillis());
    process.get().resume();
    return "stopped " + victim + " for " + time.toMillis() + " ms";
  }

  private String cancel(WorkerLink victim) throws SQLException {
    int cancelled = 0;
    for (int i = 0; i < 5; i++) {
      cancelled += administrator.signalAll(victim, false);
      PointFaults.pause(20);
    }
    return "cancelled " + cancelled + " times what a session of " + victim + " was doing";
  }

  private String restart(boolean immediately)
      throws IOException, InterruptedException, SQLException {
    administrator.restart(immediately);
    return "restarted the server" + (immediately ? " without a checkpoint" : "");
  }

  private String killBackend(WorkerLink victim, int some) throws SQLException {
    List<Integer> backends = administrator.backends(victim);
    if (backends.isEmpty()) {
      return "not: " + victim + " has no session";
    }
    int backend = backends.get(some % backends.size());
    administrator.killBackend(backend);
    return "killed the server process " + backend + " of " + victim;
  }

  private static String refuse(WorkerLink victim, int millis) {
    FaultProxy proxy = proxy(victim);
    proxy.refuse(true);
    proxy.cutAll();
    PointFaults.pause(millis);
    proxy.refuse(false);
    return victim + " had no connection for " + millis + " ms";
  }

  private static String fragment(WorkerLink victim, int millis) {
    proxy(victim).fragment(TimeUnit.MICROSECONDS.toNanos(5));
    PointFaults.pause(millis);
    proxy(victim).fragment(-1);
    return "every byte of " + victim + " travelled alone for " + millis + " ms";
  }

  private static String delay(WorkerLink victim, int millis) {
    proxy(victim).delay(TimeUnit.MILLISECONDS.toNanos(40));
    PointFaults.pause(millis);
    proxy(victim).delay(0);
    return "every packet of " + victim + " was 40 ms late for " + millis + " ms";
  }

  private String oldSnapshot(int millis) throws SQLException {
    return administrator.patiently(
        statement -> {
          statement.execute(
              "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT pg_current_xact_id(), count(*) FROM account");
          PointFaults.pause(millis);
          statement.execute("COMMIT");
          return "a snapshot was held for " + millis + " ms";
        });
  }

  private String lockAccounts(int some, int millis) throws SQLException {
    Group group = Group.ALL.get(some % Group.ALL.size());
    return administrator.patiently(
        statement -> {
          statement.execute(
              "BEGIN; SELECT FROM account WHERE id LIKE '"
                  + group.tenant()
                  + "/"
                  + group.consumer()
                  + "/%' ORDER BY id FOR UPDATE");
          PointFaults.pause(millis);
          statement.execute("COMMIT");
          return "the accounts of a group were locked for " + millis + " ms";
        });
  }

  /** Those that claims look into, whatever the mode. */
  private static final String LARGEST_UNIQUE =
      """
      SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      WHERE i.indisunique AND i.indisvalid AND c.relkind = 'i'
        AND (i.indrelid IN ('inbox.message'::regclass, 'inbox.watermark'::regclass)
          OR i.indrelid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'inbox.message'::regclass))
      ORDER BY pg_relation_size(i.indexrelid) DESC LIMIT 3""";

  /** Left by one that was cut short. */
  private static final String HALF_BUILT =
      "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid AND indrelid::regclass::text LIKE 'inbox.%'";

  private String reindex() throws SQLException {
    return administrator.patiently(
        statement -> {
          for (String index : names(statement, HALF_BUILT)) {
            statement.execute("DROP INDEX IF EXISTS " + index);
          }
          statement.execute("SET statement_timeout = '30s'");
          List<String> rebuilt = names(statement, LARGEST_UNIQUE);
          for (String index : rebuilt) {
            statement.execute("REINDEX INDEX CONCURRENTLY " + index);
          }
          return "rebuilt " + rebuilt;
        });
  }

  private static List<String> names(Statement statement, String query) throws SQLException {
    List<String> names = new ArrayList<>();
    try (ResultSet row = statement.executeQuery(query)) {
      while (row.next()) {
        names.add(row.getString(1));
      }
    }
    return names;
  }

  private String receiverDown(int millis) {
    int before = receiver.refused();
    receiver.down(true);
    PointFaults.pause(millis);
    receiver.down(false);
    return "the receiver took nothing for "
        + millis
        + " ms, "
        + (receiver.refused() - before)
        + " batches";
  }

  private String awaitReceiver(String done) {
    for (int i = 0; i < 400 && receiver.left() > 0; i++) {
      PointFaults.pause(10);
    }
    return receiver.left() > 0 ? done + " (some of them later)" : done;
  }
}
