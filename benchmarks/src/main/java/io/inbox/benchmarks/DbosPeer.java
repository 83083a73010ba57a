package io.inbox.benchmarks;

import dev.dbos.transact.DBOS;
import dev.dbos.transact.config.DBOSConfig;
import dev.dbos.transact.context.WorkflowOptions;
import dev.dbos.transact.txstep.JdbcStepFactory;
import dev.dbos.transact.workflow.Workflow;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * DBOS Transact, whose workflows run once for an id: a message is a workflow with one transactional
 * step, in which work and its mark commit together. The workflow's own rows are written in further
 * transactions; it is made for more than this.
 */
final class DbosPeer implements InboxPeer {
  private final DBOS dbos;
  private final Bookings bookings;

  /** The work of messages under way; what is left of it was not run, so a duplicate. */
  private final Map<String, Credit> underWay = new ConcurrentHashMap<>();

  DbosPeer(DurablePostgres server) {
    dbos =
        new DBOS(
            DBOSConfig.defaults("bookings")
                .withDataSource(server.dataSource())
                .withAppVersion("1"));
    JdbcStepFactory steps = new JdbcStepFactory(dbos, server.dataSource());
    bookings = dbos.registerProxy(Bookings.class, new Workflows(steps, underWay));
    dbos.launch();
  }

  /** The workflows of the service. Public because the peer makes a proxy of it. */
  public interface Bookings {
    /** Books the message of this workflow. */
    void book() throws SQLException;
  }

  /** Public because the peer calls it. */
  public static final class Workflows implements Bookings {
    private final JdbcStepFactory steps;
    private final Map<String, Credit> underWay;

    Workflows(JdbcStepFactory steps, Map<String, Credit> underWay) {
      this.steps = steps;
      this.underWay = underWay;
    }

    @Override
    @Workflow(name = "book")
    public void book() throws SQLException {
      @Nullable String id = DBOS.workflowId();
      @Nullable Credit credit = id == null ? null : underWay.remove(id);
      if (credit == null) {
        throw new IllegalStateException("workflow " + id + " runs though no message is under way");
      }
      steps.<SQLException>txStep(connection -> credit.credit(connection, 1), "credit");
    }
  }

  @Override
  public String label() {
    return "dbos transact 1.1.0-m6";
  }

  @Override
  public Map<String, String> settings() {
    return Map.of("step", "JdbcStepFactory.txStep", "workflow", "direct call");
  }

  @Override
  public boolean shares() {
    return false; // a workflow is one message
  }

  @Override
  @SuppressWarnings("try") // what the guard keeps is the thread's context
  public int handle(List<String> ids, Credit credit) throws SQLException {
    int handled = 0;
    for (String id : ids) {
      underWay.put(id, credit);
      try (WorkflowOptions.Guard context = new WorkflowOptions(id).setContext()) {
        bookings.book();
      }
      if (underWay.remove(id) == null) {
        handled++;
      }
    }
    return handled;
  }

  @Override
  public void close() {
    dbos.shutdown();
  }
}
