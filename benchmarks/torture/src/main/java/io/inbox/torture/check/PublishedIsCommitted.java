package io.inbox.torture.check;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;

/**
 * What committed was published at least once, and what rolled back never was. Queries append
 * nothing: what they apply has the version 0.
 */
final class PublishedIsCommitted implements Checker {
  @Override
  public Invariant invariant() {
    return Invariant.I6;
  }

  @Override
  public List<String> violations(Evidence evidence) throws IOException, SQLException {
    long[] committed = new long[evidence.sent().bound()];
    boolean[] published = new boolean[committed.length];
    Arrays.fill(committed, -1);
    Query.each(
        evidence,
        "SELECT number, attempt FROM applied WHERE version > 0",
        row -> committed[row.getInt(1)] = row.getLong(2));
    Query.Found found = new Query.Found();
    Published.each(
        evidence,
        it -> {
          if (committed[it.message()] == it.attempt()) {
            published[it.message()] = true;
          } else {
            found.add(
                "published and not committed: message %d of attempt %d"
                    .formatted(it.message(), it.attempt()));
          }
        });
    for (int number = 0; number < committed.length; number++) {
      if (committed[number] >= 0 && !published[number]) {
        found.add("committed and not published: message " + number);
      }
    }
    return found.lines();
  }
}
