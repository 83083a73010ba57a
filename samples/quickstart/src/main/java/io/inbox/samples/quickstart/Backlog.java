package io.inbox.samples.quickstart;

import io.inbox.samples.stage.Stop;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the input a little ahead, and keeps in order what is not settled yet: the run log may only
 * say "up to here" about a line before which nothing is open.
 */
final class Backlog implements AutoCloseable {
  private static final int MOST = 2_000;
  private static final long MOST_BYTES = 32L << 20;

  private final Lines lines;
  private final String input;
  private final Pointers pointers;
  private final Deque<Pending> open = new ArrayDeque<>();
  private final Sha256 digest = new Sha256();
  private final Tally tally;
  private final boolean continued;
  private long line;
  private long bytes;
  private boolean ended;
  private @Nullable Stop stop;

  private Backlog(Lines lines, String input, Pointers pointers, Tally tally, boolean continued) {
    this.lines = lines;
    this.input = input;
    this.pointers = pointers;
    this.tally = tally;
    this.continued = continued;
  }

  static Backlog fromTheStart(Lines lines, String input, Pointers pointers) {
    return new Backlog(lines, input, pointers, new Tally(), false);
  }

  /** Goes on behind a cursor, if the input begins with the lines that the cursor is about. */
  static Optional<Backlog> after(
      RunLog.Cursor cursor, Lines lines, String input, Pointers pointers) {
    Backlog backlog = new Backlog(lines, input, pointers, cursor.tally(), true);
    while (backlog.line < cursor.line()) {
      Lines.Line next = lines.next();
      if (next == null) {
        return Optional.empty();
      }
      backlog.digest.add(next.bytes());
      backlog.line = next.number();
    }
    boolean same =
        backlog.line == cursor.line()
            && (cursor.line() == 0 || backlog.digest.hex().equals(cursor.digest()));
    return same ? Optional.of(backlog) : Optional.empty();
  }

  /** Reads the next delivery, or returns null: too much is open, or the input has ended. */
  @Nullable Pending next() {
    if (ended || open.size() >= MOST || bytes >= MOST_BYTES) {
      return null;
    }
    try {
      Lines.Line next = lines.next();
      if (next == null) {
        ended = true;
        return null;
      }
      Pending pending = new Pending(Delivery.of(next, pointers, input), continued);
      open.add(pending);
      bytes += next.bytes().length;
      return pending;
    } catch (Stop e) {
      // What came before is handled first, and stays handled.
      ended = true;
      stop = e;
      return null;
    }
  }

  boolean done() {
    return ended && open.isEmpty();
  }

  /** What ended the input early. */
  Optional<Stop> stop() {
    return Optional.ofNullable(stop);
  }

  /** Returns how many deliveries from the start of the input on are settled, without a gap. */
  long settled() {
    return tally.settled();
  }

  Tally tally() {
    return tally;
  }

  /** Moves the line before which everything is settled. */
  void advance() {
    for (Pending first = open.peek(); first != null; first = open.peek()) {
      Answer answer = first.answer();
      if (answer == null) {
        return;
      }
      open.remove();
      tally.count(answer);
      bytes -= first.delivery().payload().length;
      digest.add(first.delivery().payload());
      line = first.delivery().line();
    }
  }

  void save(RunLog log) throws SQLException {
    log.save(line, line == 0 ? "" : digest.hex(), tally);
  }

  @Override
  public void close() {
    lines.close();
  }
}
