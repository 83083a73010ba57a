package io.inbox.command;

import io.inbox.command.deed.Item;
import io.inbox.error.UsageException;
import io.inbox.reconciler.Finding;
import io.inbox.reconciler.FindingQuery;
import io.inbox.reconciler.Findings;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which findings. */
final class FindingOptions {
  private static final int PAGE = 1_000;

  @Option(names = "--check", paramLabel = "NAME", description = "only those of this check")
  private @Nullable String check;

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description = "only those of this kind, such as HANDLED_WITHOUT_EFFECT")
  private @Nullable String kind;

  @Option(names = "--consumer", paramLabel = "NAME", description = "only those of this consumer")
  private @Nullable String consumer;

  @Option(
      names = "--item",
      paramLabel = "TEXT",
      description = "only those about this item, such as a message id")
  private @Nullable String item;

  FindingQuery query(int limit) {
    return FindingQuery.first(limit).ofCheck(check).ofKind(kind).ofConsumer(consumer).about(item);
  }

  /** Returns the open findings that ids name, or all that the other options select. */
  List<Item> chosen(Findings findings, List<Long> ids, @Nullable Integer limit) {
    return limit == null ? named(findings, ids) : selected(findings, limit);
  }

  private static List<Item> named(Findings findings, List<Long> ids) {
    List<Item> chosen = new ArrayList<>();
    for (long id : new TreeSet<>(ids)) {
      Finding finding =
          findings
              .show(id)
              .filter(found -> found.state() == Finding.State.OPEN)
              .orElseThrow(
                  () ->
                      new UsageException(
                          "IBX-615",
                          "there is no open finding " + id + " (inbox findings list shows them)"));
      chosen.add(item(finding));
    }
    return chosen;
  }

  private List<Item> selected(Findings findings, int limit) {
    List<Item> chosen = new ArrayList<>();
    long after = 0;
    while (chosen.size() < limit) {
      List<Finding> page = findings.list(query(Math.min(PAGE, limit - chosen.size())).after(after));
      if (page.isEmpty()) {
        return chosen;
      }
      page.forEach(finding -> chosen.add(item(finding)));
      after = page.get(page.size() - 1).id();
    }
    return chosen;
  }

  private static Item item(Finding finding) {
    return new Item(
        finding.id(),
        finding.tenant().orElse(""),
        finding.check(),
        finding.state() == Finding.State.OPEN,
        finding.kind() + " " + finding.item());
  }
}
