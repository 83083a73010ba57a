package io.inbox.command;

import io.inbox.command.database.Schema;
import io.inbox.command.database.Snapshot;
import io.inbox.command.database.Target;
import io.inbox.command.letters.Letters;
import io.inbox.command.letters.Selection;
import io.inbox.command.output.Block;
import io.inbox.error.UsageException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists dead letters. */
@Command(
    name = "list",
    description = "Lists dead letters in the order in which they were given up. Changes nothing.",
    sortOptions = false,
    footer = Help.EXIT_CODES)
final class LettersListCommand extends Help implements Callable<Integer> {
  private static final Duration AT_MOST = Duration.ofMinutes(1);
  private static final int MOST = 1_000;

  private final Session session;

  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private LetterOptions which = new LetterOptions();

  @Option(
      names = "--state",
      paramLabel = "STATE",
      description = "open, replayed, requeued, discarded or all; default open")
  private String state = "open";

  @Option(
      names = "--after",
      paramLabel = "ID",
      description = "only those with a greater id: the last one of the page before")
  private long after;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "how many at most, 1 to 1,000; default ${DEFAULT-VALUE}")
  private int limit = 50;

  LettersListCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws SQLException {
    Target target = database.target(session);
    if (limit < 1 || limit > MOST) {
      throw new UsageException("IBX-702", "--limit is " + limit + ", it must be 1 to 1,000");
    }
    Selection selection = which.selection(state(), after);
    try (Snapshot snapshot = Snapshot.of(target, AT_MOST, which.tenant())) {
      Schema.require(snapshot.query(), target.tables());
      which.requireTenant(snapshot.query(), target);
      Letters.Page page = which.letters(target).list(snapshot.query(), selection, limit);
      boolean full = page.rows() == limit;
      Block block = page.block().hidden("command", "dead-letters list");
      block.hidden("nextAfter", full ? page.last() : null);
      if (full) {
        block.note("").note("There may be more: add --after " + page.last());
      }
      output.print(session, block);
      return ExitCode.OK;
    }
  }

  private @Nullable String state() {
    String wanted = state.toUpperCase(Locale.ROOT);
    return switch (wanted) {
      case "ALL" -> null;
      case "OPEN", "DISCARDED" -> wanted;
      case "REPLAYED" -> of(wanted, !which.outbox(), "requeued");
      case "REQUEUED" -> of(wanted, which.outbox(), "replayed");
      default ->
          throw which.wrong(
              "--state '"
                  + state
                  + "' is unknown (say open, replayed, requeued, discarded or all)");
    };
  }

  private String of(String wanted, boolean fits, String other) {
    if (!fits) {
      throw which.wrong("--state " + state + " does not fit here (say " + other + ")");
    }
    return wanted;
  }
}
