package io.inbox.torture.check;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * While the handling that committed held its claim, no other one of the same message was alive:
 * none had a statement executed between the times at which that one's first and last were, all by
 * the clock of the database.
 */
final class SingleFlight implements Checker {
  @Override
  public Invariant invariant() {
    return Invariant.I13;
  }

  /** Is given each message that a handler ran for. */
  @FunctionalInterface
  private interface Reader {
    void read(int message, long attempt, long micros);
  }

  /** The handling that committed. */
  private record Committed(long attempt, long from, long to) {}

  @Override
  public List<String> violations(Evidence evidence) throws SQLException, IOException {
    BitSet once = new BitSet();
    BitSet again = new BitSet();
    each(evidence, (message, attempt, micros) -> (once.get(message) ? again : once).set(message));
    Map<Integer, Committed> committed = new HashMap<>();
    Query.each(
        evidence,
        "SELECT number, attempt, started_at, ended_at FROM applied",
        row -> {
          if (again.get(row.getInt(1))) {
            committed.put(
                row.getInt(1), new Committed(row.getLong(2), row.getLong(3), row.getLong(4)));
          }
        });
    Query.Found found = new Query.Found();
    each(
        evidence,
        (message, attempt, micros) -> {
          Committed winner = committed.get(message);
          if (winner != null
              && winner.attempt != attempt
              && micros > winner.from
              && micros < winner.to) {
            found.add(
                "message %d: attempt %d ran within attempt %d, which committed"
                    .formatted(message, attempt, winner.attempt));
          }
        });
    return found.lines();
  }

  private static void each(Evidence evidence, Reader reader) throws IOException {
    try (BufferedReader journal = Files.newBufferedReader(evidence.files().handled())) {
      for (String line = journal.readLine(); line != null; line = journal.readLine()) {
        String[] parts = line.split(" ", -1);
        for (int i = 2; i < parts.length; i++) {
          reader.read(
              Integer.parseInt(parts[i]), Long.parseLong(parts[0]), Long.parseLong(parts[1]));
        }
      }
    }
  }
}
