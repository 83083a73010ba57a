package io.inbox.command.explain;

import io.inbox.command.database.Query;
import io.inbox.spi.SqlError;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What could not be looked at, so that nobody takes it for nothing. Not thread-safe. */
final class Unseen {
  private final Set<String> forbidden = new TreeSet<>();
  private final Set<String> slow = new TreeSet<>();

  /** Asks, and goes on without an answer where this login may not see, or it takes too long. */
  <T> Optional<T> ask(Query query, String what, Query.Question<T> question) throws SQLException {
    Savepoint before = query.connection().setSavepoint();
    try {
      Optional<T> answer = query.ifVisible(question);
      if (answer.isEmpty()) {
        forbidden.add(what);
      }
      return answer;
    } catch (SQLException e) {
      if (SqlError.of(e) != SqlError.CANCELLED) {
        throw e;
      }
      query.connection().rollback(before);
      slow.add(what);
      return Optional.empty();
    }
  }

  Set<String> forbidden() {
    return forbidden;
  }

  Set<String> slow() {
    return slow;
  }
}
