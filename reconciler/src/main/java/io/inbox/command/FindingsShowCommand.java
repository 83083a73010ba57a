package io.inbox.command;

import io.inbox.command.database.Target;
import io.inbox.command.output.Block;
import io.inbox.error.UsageException;
import io.inbox.reconciler.Finding;
import io.inbox.reconciler.Findings;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows one finding. */
@Command(
    name = "show",
    description = "Shows one finding. Changes nothing.",
    sortOptions = false,
    footer = Help.EXIT_CODES)
final class FindingsShowCommand extends Help implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "ID", description = "the finding")
  private long id;

  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  FindingsShowCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Target target = database.target(session);
    Finding finding =
        Findings.open(target.store(), target.dataSource())
            .show(id)
            .orElseThrow(
                () ->
                    new UsageException(
                        "IBX-615",
                        "there is no finding " + id + " (inbox findings list shows them)"));
    output.print(
        session,
        new Block()
            .hidden("command", "findings show")
            .fact("id", "finding", finding.id())
            .fact("severity", "severity", finding.severity())
            .fact("check", "check", finding.check())
            .fact("kind", "kind", finding.kind())
            .fact("consumer", "consumer", finding.consumer().orElse(null))
            .fact("tenant", "tenant", finding.tenant().filter(some -> !some.isEmpty()).orElse(null))
            .fact("source", "source", finding.source().filter(some -> !some.isEmpty()).orElse(null))
            .fact("item", "item", finding.item())
            .fact("cause", "cause", finding.cause())
            .fact("detail", "detail", finding.detail().orElse(null))
            .fact("happenedAt", "happened", finding.happenedAt().orElse(null))
            .fact("firstSeenAt", "first seen", finding.firstSeenAt())
            .fact("lastSeenAt", "last seen", finding.lastSeenAt())
            .fact("seen", "seen in runs", finding.seen())
            .fact("reopened", "came back", finding.reopened())
            .fact("state", "state", finding.state())
            .fact("resolvedAt", "ended", finding.resolvedAt().orElse(null))
            .fact("resolution", "because", finding.resolution().orElse(null)));
    return ExitCode.OK;
  }
}
