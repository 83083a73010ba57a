package io.inbox.torture.check;

import io.inbox.torture.plan.Kind;
import io.inbox.torture.plan.Plan;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message that cannot be handled, one from before the window, and an altered copy are each one
 * dead letter with the right reason; no other message is one.
 */
final class DeadLetters implements Checker {
  @Override
  public Invariant invariant() {
    return Invariant.DEAD;
  }

  @Override
  public List<String> violations(Evidence evidence) throws SQLException, IOException {
    Map<String, Integer> expected = expected(evidence);
    Query.Found found = new Query.Found();
    Query.each(
        evidence,
        """
        SELECT "tenant", "consumer", "source", "message_id", "reason" FROM "inbox"."dead_letter\"""",
        row -> {
          int number =
              Plan.number(row.getString(1), row.getString(2), row.getString(3), row.getString(4));
          String letter = number + " " + row.getString(5);
          @Nullable Integer left = expected.get(letter);
          if (left == null || left == 0) {
            found.add("a dead letter that should not be: message " + letter);
          } else {
            expected.put(letter, left - 1);
          }
        });
    expected.forEach(
        (letter, left) -> {
          if (left > 0) {
            found.add("no dead letter: message " + letter);
          }
        });
    return found.lines();
  }

  private static Map<String, Integer> expected(Evidence evidence) throws IOException {
    Map<String, Integer> expected = new HashMap<>();
    for (int number = 0; number < evidence.sent().bound(); number++) {
      if (evidence.sent().contains(number)) {
        Kind kind = evidence.plan().message(number).kind();
        if (kind == Kind.POISON) {
          expected.put(number + " ATTEMPTS_EXHAUSTED", 1);
        } else if (kind == Kind.OLD) {
          expected.put(number + " TOO_OLD", 1);
        }
      }
    }
    try (BufferedReader journal = Files.newBufferedReader(evidence.files().acknowledged())) {
      for (String line = journal.readLine(); line != null; line = journal.readLine()) {
        if (line.endsWith(" altered")) {
          expected.put(line.substring(0, line.indexOf(' ')) + " MISMATCH", 1);
        }
      }
    }
    return expected;
  }
}
