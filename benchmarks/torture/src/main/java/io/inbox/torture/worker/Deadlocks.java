package io.inbox.torture.worker;

import io.inbox.spi.DeliveryEvent;
import io.inbox.spi.InboxListener;
import io.inbox.spi.RetryEvent;
import io.inbox.torture.wire.Saying;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Complains about deadlocks: the claims of a batch are sorted, and so are the accounts here, so
 * there should be none. On H2 accounts are not locked in the order in which they are asked for.
 */
final class Deadlocks implements InboxListener {
  private static final String DEADLOCK = "40P01";

  private final Lines lines;
  private final boolean postgres;

  Deadlocks(Lines lines, boolean postgres) {
    this.lines = lines;
    this.postgres = postgres;
  }

  @Override
  public void delivered(DeliveryEvent event) {
    // Only those that run again are of interest.
  }

  @Override
  public void retried(RetryEvent event) {
    @Nullable Throwable cause = event.cause();
    while (cause != null) {
      if (postgres && cause instanceof SQLException e && DEADLOCK.equals(e.getSQLState())) {
        lines.say(
            new Saying.Complaint("deadlock: " + Worker.first(String.valueOf(e.getMessage()))));
        return;
      }
      cause = cause.getCause();
    }
  }
}
