package io.inbox.command.letters;

import io.inbox.DeadLetter;
import io.inbox.command.database.Target;
import io.inbox.command.deed.Deed;
import io.inbox.command.deed.Item;
import io.inbox.error.DatabaseException;
import io.inbox.error.InboxException;
import io.inbox.error.RetryLaterException;
import io.inbox.error.SchemaException;
import io.inbox.error.UsageException;
import io.inbox.spi.SqlError;
import io.inbox.spi.Store;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;
import org.jooq.exception.DataAccessException;

/** Ends dead letters of the inbox without handling them. */
public final class Discard implements Deed {
  private final Store store;
  private final DataSource dataSource;
  private final boolean namesTenant;
  private final String reason;

  /**
   * Discards in this database.
   *
   * @param reason stored with each letter
   */
  public Discard(Target target, String reason) {
    this.store = target.store();
    this.dataSource = target.dataSource();
    this.namesTenant = target.postgres();
    this.reason = reason;
  }

  @Override
  public Result on(Item letter) {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      Tenant.enter(connection, namesTenant ? letter.tenant() : "");
      // Locks the row of the letter until the commit, so that nobody replays it meanwhile.
      Optional<DeadLetter> now =
          store
              .records()
              .deadLetter(connection, letter.tenant(), letter.owner(), letter.id(), true);
      if (now.isEmpty() || now.get().state() != DeadLetter.State.OPEN) {
        throw new UsageException("IBX-704", "dead letter " + letter.id() + " is not open any more");
      }
      store.records().resolve(connection, letter.id(), DeadLetter.State.DISCARDED, reason);
      connection.commit();
      return Result.of("DISCARDED");
    } catch (SQLException e) {
      throw translated(e);
    } catch (DataAccessException e) {
      throw translated(e);
    }
  }

  private static InboxException translated(Exception error) {
    return switch (SqlError.of(error)) {
      case UNAVAILABLE ->
          new RetryLaterException(
              "IBX-323", "the database was lost: " + error.getMessage() + " (try again)", error);
      case SCHEMA ->
          new SchemaException(
              "IBX-513",
              "this login may not discard: " + error.getMessage() + " (grant it inbox_app)",
              error);
      default ->
          new DatabaseException(
              "IBX-330",
              "the database refused: " + error.getMessage() + ", nothing was changed",
              error);
    };
  }
}
