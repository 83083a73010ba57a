package io.inbox.command.output;

import java.io.PrintStream;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How far a job has come: a bar that moves where a person watches, else a line now and then. Used
 * by one thread.
 */
public final class Progress {
  private static final long BAR_EVERY = Duration.ofMillis(200).toNanos();
  private static final long LINE_EVERY = Duration.ofSeconds(30).toNanos();
  private static final int BAR = 30;
  private static final int WIDTH = 79;

  private final PrintStream err;
  private final boolean terminal;
  private final boolean quiet;
  private final LongSupplier clock;
  private final long start;
  private long last;
  private int drawn;

  /**
   * Starts without a line.
   *
   * @param err where it is written, so that results can be piped
   * @param terminal whether a person watches
   * @param quiet whether to write nothing at all
   */
  public Progress(PrintStream err, boolean terminal, boolean quiet) {
    this(err, terminal, quiet, System::nanoTime);
  }

  Progress(PrintStream err, boolean terminal, boolean quiet, LongSupplier clock) {
    this.err = err;
    this.terminal = terminal;
    this.quiet = quiet;
    this.clock = clock;
    this.start = clock.getAsLong();
    this.last = start;
  }

  /**
   * Tells how far it has come; most calls write nothing.
   *
   * @param what what is being done
   * @param share how much of it is done, 0 to 1; below 0 if that is not known
   * @param count how many rows so far
   */
  public void at(String what, double share, long count) {
    long now = clock.getAsLong();
    if (quiet || now - last < (terminal ? BAR_EVERY : LINE_EVERY)) {
      return;
    }
    last = now;
    long perSecond = Math.round(count / Math.max(0.001, (now - start) / 1e9));
    String figures =
        (share < 0 ? "" : Math.round(share * 100) + " %, ")
            + Words.of(count)
            + " rows, "
            + Words.of(perSecond)
            + " rows/s";
    if (terminal) {
      draw((share < 0 ? "" : bar(share) + "  ") + what + ", " + figures);
    } else {
      err.println(Words.visible(what) + ", " + figures);
    }
  }

  private static String bar(double share) {
    int full = (int) Math.round(Math.max(0, Math.min(1, share)) * BAR);
    return "[" + "#".repeat(full) + ".".repeat(BAR - full) + "]";
  }

  private void draw(String text) {
    String line = Words.visible(text);
    String cut = line.length() > WIDTH ? line.substring(0, WIDTH) : line;
    err.print("\r" + cut + " ".repeat(Math.max(0, drawn - cut.length())));
    err.flush();
    drawn = cut.length();
  }

  /** Takes the bar away. */
  public void clear() {
    if (drawn > 0) {
      err.print("\r" + " ".repeat(drawn) + "\r");
      err.flush();
      drawn = 0;
    }
  }
}
