package io.inbox.command;

import io.inbox.command.database.Target;
import io.inbox.command.output.Block;
import io.inbox.command.output.Grid;
import io.inbox.error.UsageException;
import io.inbox.reconciler.Finding;
import io.inbox.reconciler.FindingQuery;
import io.inbox.reconciler.Findings;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists findings. */
@Command(
    name = "list",
    description = "Lists findings in the order in which they were first seen. Changes nothing.",
    sortOptions = false,
    footer = Help.EXIT_CODES)
final class FindingsListCommand extends Help implements Callable<Integer> {
  private final Session session;

  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private FindingOptions which = new FindingOptions();

  @Option(
      names = "--state",
      paramLabel = "open|resolved|accepted",
      description = "what became of them; default open")
  private Finding.State state = Finding.State.OPEN;

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

  FindingsListCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Target target = database.target(session);
    if (limit < 1 || limit > 1_000) {
      throw new UsageException("IBX-702", "--limit is " + limit + ", it must be 1 to 1,000");
    }
    FindingQuery query = which.query(limit).in(state).after(after);
    List<Finding> found = Findings.open(target.store(), target.dataSource()).list(query);
    Grid grid =
        new Grid("findings", "Findings", "none")
            .column("id", "id")
            .column("severity", "severity")
            .text("check", "check")
            .column("kind", "kind")
            .text("consumer", "consumer")
            .hidden("tenant")
            .hidden("source")
            .text("item", "item")
            .text("cause", "cause")
            .hidden("detail")
            .hidden("happenedAt")
            .column("firstSeenAt", "first seen")
            .hidden("lastSeenAt")
            .hidden("seen")
            .hidden("reopened")
            .hidden("state")
            .hidden("resolvedAt")
            .hidden("resolution");
    found.forEach(finding -> add(grid, finding));
    boolean full = found.size() == limit;
    long last = found.isEmpty() ? 0 : found.get(found.size() - 1).id();
    Block block =
        new Block()
            .grid(grid)
            .hidden("command", "findings list")
            .hidden("nextAfter", full ? last : null);
    if (full) {
      block.note("").note("There may be more: add --after " + last);
    }
    output.print(session, block);
    return ExitCode.OK;
  }

  private static void add(Grid grid, Finding finding) {
    grid.row(
        finding.id(),
        finding.severity(),
        finding.check(),
        finding.kind(),
        finding.consumer().orElse(null),
        finding.tenant().orElse(null),
        finding.source().orElse(null),
        finding.item(),
        finding.cause(),
        finding.detail().orElse(null),
        finding.happenedAt().orElse(null),
        finding.firstSeenAt(),
        finding.lastSeenAt(),
        finding.seen(),
        finding.reopened(),
        finding.state(),
        finding.resolvedAt().orElse(null),
        finding.resolution().orElse(null));
  }
}
