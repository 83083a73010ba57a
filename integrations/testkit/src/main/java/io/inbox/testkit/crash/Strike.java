package io.inbox.testkit.crash;

import io.inbox.testkit.fault.FaultPoint;
import io.inbox.testkit.fault.FaultPoints.Observer;
import io.inbox.testkit.fault.FaultProxy;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What happens at a point within this process. */
final class Strike implements Observer {
  private final CrashWay way;
  private final CrashDatabase database;
  private final @Nullable FaultProxy proxy;
  private final long before;
  private @Nullable Exception trouble;

  Strike(CrashWay way, CrashDatabase database, @Nullable FaultProxy proxy) {
    this.way = way;
    this.database = database;
    this.proxy = proxy;
    this.before = proxy == null ? 0 : proxy.strikes();
  }

  /** The end of a thread. */
  private static final class ThreadDies extends Error {
    private static final long serialVersionUID = 1L;

    ThreadDies(FaultPoint point) {
      super("the thread dies at " + point);
    }
  }

  @Override
  public void reached(FaultPoint point, @Nullable Connection connection) {
    if (way == CrashWay.THREAD_DIES) {
      throw new ThreadDies(point);
    }
    try {
      if (connection == null) {
        throw new IllegalStateException("there is no connection at " + point);
      }
      int session = database.session(connection);
      if (way == CrashWay.SESSION_ENDED) {
        database.end(session);
      } else {
        arm(session);
      }
    } catch (SQLException | RuntimeException e) {
      trouble = e; // it is no fault of the delivery's
    }
  }

  private void arm(int session) {
    FaultProxy.Fault fault =
        way == CrashWay.REQUEST_LOST ? FaultProxy.Fault.CUT_REQUEST : FaultProxy.Fault.CUT_REPLY;
    if (proxy == null || !proxy.arm(session, fault)) {
      throw new IllegalStateException("session " + session + " does not go through the proxy");
    }
  }

  /** Returns whether something happened after the point was reached. */
  boolean happened() {
    if (trouble != null) {
      throw new IllegalStateException(way + " could not be done: " + trouble, trouble);
    }
    return proxy == null || proxy.strikes() > before;
  }
}
