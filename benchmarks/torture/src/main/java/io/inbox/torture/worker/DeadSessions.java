package io.inbox.torture.worker;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;
import java.util.Set;

/**
 * Lets the pool throw away an H2 connection whose session was ended. It knows the codes of servers
 * only, and would hand out the dead one again and again, the sooner the faster it fails.
 */
public final class DeadSessions implements SQLExceptionOverride {
  private static final Set<Integer> CLOSED = Set.of(90007, 90067, 90098, 90121);

  /** Created by the pool. */
  public DeadSessions() {}

  @java.lang.Override
  public SQLExceptionOverride.Override adjudicate(SQLException e) {
    return CLOSED.contains(e.getErrorCode())
        ? SQLExceptionOverride.Override.MUST_EVICT
        : SQLExceptionOverride.Override.CONTINUE_EVICT;
  }
}
