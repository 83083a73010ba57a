package io.inbox.command;

import io.inbox.command.letters.Deed;
import io.inbox.command.letters.Letter;
import io.inbox.command.output.Block;
import io.inbox.command.output.Grid;
import io.inbox.error.InboxException;
import io.inbox.error.RetryLaterException;
import java.util.List;

/** Does one deed to several letters and says what became of each. */
final class LetterDeeds {
  private final Grid grid =
      new Grid("letters", "Dead letters", "none is selected")
          .column("id", "id")
          .text("owner", "of")
          .hidden("tenant")
          .text("letter", "letter")
          .column("outcome", "outcome")
          .text("detail", "detail");
  private int done;
  private int failed;

  /** Shows what would be done. */
  void preview(List<Letter> letters, String outcome) {
    letters.forEach(letter -> row(letter, outcome, ""));
  }

  /** Does it; a database that is gone ends it, as trying on would only take long. */
  void carryOut(List<Letter> letters, Deed deed) {
    boolean lost = false;
    for (Letter letter : letters) {
      if (lost) {
        row(letter, "NOT_TRIED", "");
        failed++;
        continue;
      }
      try {
        Deed.Result result = deed.on(letter);
        row(letter, result.outcome(), result.detail() == null ? "" : result.detail());
        done += result.done() ? 1 : 0;
        failed += result.done() ? 0 : 1;
      } catch (InboxException e) {
        row(letter, "FAILED", String.valueOf(e.getMessage()));
        failed++;
        lost = e instanceof RetryLaterException;
      }
    }
  }

  private void row(Letter letter, String outcome, String detail) {
    grid.row(letter.id(), letter.owner(), letter.tenant(), letter.what(), outcome, detail);
  }

  /** Returns the report. */
  Block block(String command, boolean applied) {
    Block block =
        new Block()
            .hidden("command", command)
            .hidden("applied", applied)
            .hidden("done", done)
            .hidden("failed", failed)
            .grid(grid);
    return applied
        ? block
        : block.note("").note("Nothing was changed: add --apply --reason \"...\" to do it.");
  }

  int exitCode() {
    return failed > 0 ? ExitCode.FINDINGS : ExitCode.OK;
  }
}
