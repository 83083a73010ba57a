package io.inbox.internal.outbox;

import io.inbox.spi.OutboxStatements.Appended;
import io.inbox.spi.Store;
import io.inbox.spi.UnitOfWork.LastWrite;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction appends, as its last write: it goes with the COMMIT where store and
 * transaction can do that, and so costs no round trip.
 */
final class LastAppend implements LastWrite {
  private final Store store;
  private final List<Appended> rows;

  LastAppend(Store store, List<Appended> rows) {
    this.store = store;
    this.rows = rows;
  }

  @Override
  public void write(Connection connection) throws SQLException {
    store.outbox().append(connection, rows);
  }

  @Override
  public boolean commits() {
    return store.outbox().appendsWithCommit(rows);
  }

  @Override
  public @Nullable SQLWarning writeAndCommit(Connection connection) throws SQLException {
    return store.outbox().appendAndCommit(connection, rows);
  }
}
