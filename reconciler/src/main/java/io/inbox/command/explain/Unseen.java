package io.inbox.command.explain;

import io.inbox.command.database.Query;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What could not be looked at, so that nobody takes it for nothing. Not thread-safe. */
final class Unseen {
  private final Set<String> forbidden = new TreeSet<>();
  private final Set<String> slow = new TreeSet<>();

  /** Asks, and goes on without an answer where this login may not see, or it takes too long. */
  <T> Optional<T> ask(Query query, String what, Query.Question<T> question) throws SQLException {
    Query.Answer<T> answer = query.attempt(question);
    if (answer.value().isEmpty()) {
      (answer.slow() ? slow : forbidden).add(what);
    }
    return answer.value();
  }

  Set<String> forbidden() {
    return forbidden;
  }

  Set<String> slow() {
    return slow;
  }
}
