package io.inbox.torture.mutant;

import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.Publisher;
import io.inbox.spi.OutboxStatements;
import io.inbox.spi.Store;
import io.inbox.testkit.fault.ForwardingOutbox;
import io.inbox.torture.wire.Setting;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Publishes at once what a handler appends, and not what is in the outbox. */
public final class PublishesBeforeCommit extends OutboxWrongly {
  private volatile @Nullable Publisher publisher;

  @Override
  OutboxStatements wrong(OutboxStatements right) {
    return new ForwardingOutbox(right) {
      @Override
      public boolean appendsWithCommit(List<Appended> messages) {
        return false;
      }

      @Override
      public void append(Connection connection, List<Appended> messages) throws SQLException {
        List<OutboxMessage> now = messages.stream().map(Appended::message).toList();
        try {
          if (publisher != null) {
            publisher.publish(now);
          }
        } catch (Exception e) {
          throw new SQLException("could not publish", "08006", e);
        }
      }
    };
  }

  @Override
  public AutoCloseable relay(Store store, DataSource dataSource, Publisher to, Setting setting) {
    publisher = to;
    return () -> {};
  }
}
