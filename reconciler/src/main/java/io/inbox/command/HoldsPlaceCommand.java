package io.inbox.command;

import io.inbox.command.database.Target;
import io.inbox.command.output.Block;
import io.inbox.command.output.Grid;
import io.inbox.error.UsageException;
import io.inbox.reconciler.Hold;
import io.inbox.reconciler.Holds;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Holds rows back from the collector. */
@Command(
    name = "place",
    description = {
      "Holds back from the collector every row that matches all that is named, whatever its age.",
      "When it returns, nothing that is held and still there is removed any more."
    },
    sortOptions = false,
    footer = Help.EXIT_CODES)
final class HoldsPlaceCommand extends Help implements Callable<Integer> {
  private final Session session;

  @Spec
  private @SuppressWarnings("NullAway.Init") CommandSpec spec;

  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Option(names = "--consumer", paramLabel = "NAME", description = "rows of this consumer")
  private @Nullable String consumer;

  @Option(
      names = "--tenant",
      paramLabel = "NAME",
      description = "rows of this tenant; '' for those without one")
  private @Nullable String tenant;

  @Option(
      names = "--source",
      paramLabel = "NAME",
      description = "messages of this source; '' for those without one")
  private @Nullable String source;

  @Option(names = "--message-id", paramLabel = "ID", description = "this message")
  private @Nullable String messageId;

  @Option(names = "--subject", paramLabel = "TEXT", description = "messages about this subject")
  private @Nullable String subject;

  @Option(names = "--everything", description = "all rows, in place of naming any")
  private boolean everything;

  @Option(
      names = "--for",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "how long; default until it is released")
  private @Nullable Duration length;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "why, stored with the hold; required")
  private @Nullable String reason;

  @Option(
      names = "--by",
      paramLabel = "NAME",
      description = "who wants it, stored with the hold; default the user of this machine")
  private String by = System.getProperty("user.name", "unknown");

  HoldsPlaceCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Target target = database.target(session);
    boolean named =
        consumer != null
            || tenant != null
            || source != null
            || messageId != null
            || subject != null;
    if (named == everything) {
      throw new ParameterException(
          spec.commandLine(),
          "say what to hold: --consumer, --tenant, --source, --message-id or --subject, or --everything");
    }
    if (reason == null || reason.isBlank()) {
      throw new UsageException(
          "IBX-703", "a hold needs --reason, which is stored with it (say who decided, and why)");
    }
    Hold.Scope scope = new Hold.Scope(consumer, tenant, source, messageId, subject);
    Hold hold = Holds.open(target.store(), target.dataSource()).place(scope, reason, by, length);
    Grid grid = HoldsListCommand.grid();
    HoldsListCommand.add(grid, hold);
    output.print(session, new Block().hidden("command", "holds place").grid(grid));
    return ExitCode.OK;
  }
}
