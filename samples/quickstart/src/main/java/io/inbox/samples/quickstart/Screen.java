package io.inbox.samples.quickstart;

import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** What the user sees while it runs. */
final class Screen {
  private static final long REDRAW = Duration.ofMillis(400).toNanos();
  private static final long LINE_EVERY = Duration.ofSeconds(5).toNanos();

  private final PrintStream out;
  private final boolean terminal;
  private final long total;
  private final long started = System.nanoTime();
  private long shown = System.nanoTime();
  private boolean drawn;

  Screen(PrintStream out, long total) {
    this.out = out;
    this.total = total;
    this.terminal = isTerminal();
  }

  /** From Java 22 on there is a console even without a terminal, and it has a method to ask. */
  @SuppressWarnings("SystemConsoleNull") // that is what is handled here
  private static boolean isTerminal() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }

  void say(String line) {
    endProgress();
    out.println(line);
  }

  void progress(long settled) {
    long now = System.nanoTime();
    if (now - shown < (terminal ? REDRAW : LINE_EVERY)) {
      return;
    }
    shown = now;
    String text =
        String.format(
            Locale.ROOT, "%3d %%  %,d of %,d deliveries", 100 * settled / total, settled, total);
    if (terminal) {
      out.print('\r' + text + "  ");
      out.flush();
      drawn = true;
    } else {
      out.println(text);
    }
  }

  void endProgress() {
    if (drawn) {
      out.print("\r" + " ".repeat(60) + "\r");
      out.flush();
      drawn = false;
    }
  }

  void table(Tally tally, long settledNow, boolean withInbox) {
    double seconds = (System.nanoTime() - started) / 1e9;
    row("delivered", tally.settled(), "");
    row(
        "handled",
        tally.handled,
        tally.recovered == 0
            ? ""
            : tally.recovered
                + " of them by a consumer that died before it could acknowledge, and recognised at the next delivery");
    row("duplicates", tally.duplicates, "the same content again");
    row(
        "mismatches",
        tally.mismatches,
        "another content under the id of a message that was accepted");
    row("dead letters", tally.dead, withInbox ? "given up after 3 attempts" : "given up");
    row("retries", tally.retries, "deliveries that were not kept and came again");
    row("msg/s", Math.round(settledNow / seconds), "");
  }

  private void row(String name, long value, String remark) {
    out.println(
        String.format(
            Locale.ROOT, "  %-13s %,10d%s", name, value, remark.isEmpty() ? "" : "   " + remark));
  }
}
