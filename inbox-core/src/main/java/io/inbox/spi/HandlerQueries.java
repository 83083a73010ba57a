package io.inbox.spi;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The queries of a handler that is nothing else, to be sent in one round trip with their claim.
 * Thread-safe.
 */
public interface HandlerQueries {
  /**
   * Claims the key and, if that wins it, runs the queries; all of it is one transaction, which ends
   * here. Blocks for one round trip, and for a key that is held as long as the policy says. If the
   * key is not won, no row was written; triggers for statements may have run.
   *
   * @param connection without a transaction; its autocommit may be changed
   * @param values of the queries' parameters, by name, as {@link BoundSql#convert} returns them
   * @throws SQLException anything the database refuses: nothing was written, unless {@link
   *     SqlError#leavesCommitInDoubt}
   */
  Answer run(Connection connection, ClaimRequest request, Map<String, ?> values)
      throws SQLException;

  /**
   * What came of it.
   *
   * @param won whether the key was won, and with it everything committed
   * @param unreplicated what the server remarked if the commit may not have reached the synchronous
   *     standby, else null
   */
  record Answer(boolean won, @Nullable SQLWarning unreplicated) {}
}
