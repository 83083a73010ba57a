package io.inbox.torture.check;

import io.inbox.torture.plan.Plan;
import io.inbox.torture.wire.Answer;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.List;

/**
 * Looks up every acknowledgement in the database: nothing may have been acknowledged that is not
 * there, and everything that was sent must have been acknowledged.
 */
final class AcknowledgedIsStored implements Checker {
  @Override
  public Invariant invariant() {
    return Invariant.I4;
  }

  @Override
  public List<String> violations(Evidence evidence) throws SQLException, IOException {
    boolean ordered = evidence.plan().mode().ordered();
    Remembered remembered = ordered ? passed(evidence) : byKey(evidence);
    Query.Found found = new Query.Found();
    BitSet acknowledged = new BitSet();
    try (BufferedReader journal = Files.newBufferedReader(evidence.files().acknowledged())) {
      for (String line = journal.readLine(); line != null; line = journal.readLine()) {
        String[] parts = line.split(" ", 3);
        int number = Integer.parseInt(parts[0]);
        acknowledged.set(number);
        boolean there =
            switch (Answer.Kind.valueOf(parts[1])) {
              case PROCESSED, DUPLICATE -> remembered.handled.get(number);
              case DEAD_LETTERED -> remembered.givenUp.get(number);
              case OUTSIDE_WINDOW ->
                  !ordered || remembered.handled.get(number) || remembered.givenUp.get(number);
              default -> true; // it is a dead letter: their checker looks
            };
        if (!there) {
          found.add("acknowledged and not there: message " + line);
        }
      }
    }
    for (int number = 0; number < evidence.sent().bound(); number++) {
      if (evidence.sent().contains(number) && !acknowledged.get(number)) {
        found.add("never acknowledged: message " + number);
      }
    }
    return found.lines();
  }

  /** What the database knows about messages. */
  private record Remembered(BitSet handled, BitSet givenUp) {}

  private static Remembered byKey(Evidence evidence) throws SQLException {
    Remembered remembered = new Remembered(new BitSet(), new BitSet());
    Query.each(
        evidence,
        """
        SELECT "tenant", "consumer", "source", "message_id", "state" FROM "inbox"."message\"""",
        row -> {
          int number =
              Plan.number(row.getString(1), row.getString(2), row.getString(3), row.getString(4));
          if (number >= 0) {
            (row.getInt(5) == 0 ? remembered.handled : remembered.givenUp).set(number);
          }
        });
    return remembered;
  }

  /** A watermark passes what was handled and what was given up. */
  private static Remembered passed(Evidence evidence) throws SQLException {
    BitSet passed = Passed.messages(evidence);
    BitSet applied = new BitSet();
    Query.each(evidence, "SELECT number FROM applied", row -> applied.set(row.getInt(1)));
    applied.and(passed);
    BitSet givenUp = (BitSet) passed.clone();
    givenUp.andNot(applied);
    return new Remembered(applied, givenUp);
  }
}
