package io.inbox.command;

import io.inbox.command.database.Target;
import io.inbox.command.output.Block;
import io.inbox.error.UsageException;
import io.inbox.reconciler.Retention;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Removes a rule of retention. */
@Command(
    name = "clear",
    description = {
      "Removes a rule, so that the next run of the collector may remove what only it kept.",
      "Without --apply it only shows which."
    },
    sortOptions = false,
    footer = Help.EXIT_CODES)
final class RetentionClearCommand extends Help implements Callable<Integer> {
  private final Session session;

  @Mixin private RetentionOptions whose = new RetentionOptions();
  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Option(
      names = "--apply",
      description = "do it; without it only what would be done is shown, and nothing is changed")
  private boolean apply;

  RetentionClearCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Target target = database.target(session);
    @Nullable String consumer = whose.consumer();
    @Nullable String tenant = whose.tenant();
    Retention retention = Retention.open(target.store(), target.dataSource());
    Retention.Rule rule =
        retention.list().stream()
            .filter(
                found ->
                    Objects.equals(found.consumer(), consumer)
                        && Objects.equals(found.tenant(), tenant))
            .findFirst()
            .orElseThrow(
                () ->
                    new UsageException(
                        "IBX-907", "there is no such rule (inbox retention list shows them)"));
    boolean removed = apply && retention.forget(rule);
    Block block =
        new Block()
            .hidden("command", "retention clear")
            .hidden("applied", removed)
            .grid(RetentionOptions.grid(List.of(rule)))
            .note("")
            .note(removed ? "Removed." : "Nothing was changed: add --apply to remove it.");
    output.print(session, block);
    return ExitCode.OK;
  }
}
