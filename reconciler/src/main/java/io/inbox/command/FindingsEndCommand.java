package io.inbox.command;

import io.inbox.command.database.Target;
import io.inbox.command.deed.Deed;
import io.inbox.command.deed.Deeds;
import io.inbox.command.deed.Item;
import io.inbox.reconciler.Finding;
import io.inbox.reconciler.Findings;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Resolves or accepts findings, by the name under which it is added. */
@Command(sortOptions = false, footer = Help.EXIT_CODES)
final class FindingsEndCommand extends Help implements Callable<Integer> {
  private final Session session;
  private final Finding.State end;

  @Spec
  private @SuppressWarnings("NullAway.Init") CommandSpec spec;

  @Mixin private Several several = new Several();
  @Mixin private ApplyOptions apply = new ApplyOptions();
  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private FindingOptions which = new FindingOptions();

  private FindingsEndCommand(Session session, Finding.State end) {
    this.session = session;
    this.end = end;
  }

  /** Says that findings were dealt with. */
  static CommandLine resolve(Session session) {
    return of(
        new FindingsEndCommand(session, Finding.State.RESOLVED),
        "resolve",
        "Says that open findings were dealt with; a run that sees them again opens them.");
  }

  /** Says that findings may stay. */
  static CommandLine accept(Session session) {
    return of(
        new FindingsEndCommand(session, Finding.State.ACCEPTED),
        "accept",
        "Says that open findings may stay as they are; runs that see them again leave them so.");
  }

  private static CommandLine of(FindingsEndCommand command, String name, String description) {
    CommandLine line = new CommandLine(command);
    line.getCommandSpec()
        .name(name)
        .usageMessage()
        .description(description, "Without --apply it only shows which.");
    return line;
  }

  @Override
  public Integer call() {
    Target target = database.target(session);
    boolean applied = apply.apply();
    Integer limit = several.limit();
    Findings findings = Findings.open(target.store(), target.dataSource());
    List<Item> chosen = which.chosen(findings, several.ids(), limit);
    Deeds deeds = new Deeds("findings", "Findings");
    if (applied) {
      deeds.carryOut(chosen, item -> end(findings, item));
    } else {
      deeds.preview(chosen, "WOULD_BE_" + end);
    }
    output.print(session, deeds.block("findings " + spec.name()));
    return deeds.allDone() ? ExitCode.OK : ExitCode.FINDINGS;
  }

  private Deed.Result end(Findings findings, Item item) {
    if (end == Finding.State.RESOLVED) {
      findings.resolve(item.id(), apply.signedReason());
    } else {
      findings.accept(item.id(), apply.signedReason());
    }
    return Deed.Result.of(end.name());
  }
}
