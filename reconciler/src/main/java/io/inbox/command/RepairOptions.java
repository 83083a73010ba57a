package io.inbox.command;

import io.inbox.MessageKey;
import io.inbox.error.UsageException;
import io.inbox.reconciler.FindingQuery;
import io.inbox.reconciler.RepairAction;
import io.inbox.reconciler.RepairOrder;
import io.inbox.reconciler.RepairResult;
import io.inbox.reconciler.Repairs;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What to repair, whether to do it, and for what reason. */
final class RepairOptions {
  @Parameters(arity = "0..*", paramLabel = "FINDING", description = "the numbers of findings")
  private List<Long> findings = new ArrayList<>();

  @Option(
      names = "--check",
      paramLabel = "NAME",
      description = "all open findings of this check, oldest first")
  private @Nullable String check;

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description = "with --check: only those of this kind, such as HANDLED_WITHOUT_EFFECT")
  private @Nullable String kind;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "how many items at most, 1 to 100,000; needed for more than 100")
  private @Nullable Integer limit;

  @Option(
      names = "--key",
      paramLabel = "ID",
      description = "a message id, whatever checks found; needs --consumer")
  private List<String> keys = new ArrayList<>();

  @Option(names = "--consumer", paramLabel = "NAME", description = "with --key: of this consumer")
  private @Nullable String consumer;

  @Option(names = "--tenant", paramLabel = "NAME", description = "with --key: of this tenant")
  private @Nullable String tenant;

  @Option(names = "--source", paramLabel = "NAME", description = "with --key: from this source")
  private @Nullable String source;

  @Mixin private ApplyOptions apply = new ApplyOptions();

  /** Returns whether to do it, having checked that there is a reason then. */
  boolean apply() {
    return apply.apply();
  }

  /** Returns the order, having checked that its parts fit. */
  RepairOrder order(RepairAction action, boolean insist) {
    RepairOrder.Builder order =
        RepairOrder.builder(action).limit(limit).reason(apply.reason()).by(apply.by());
    new TreeSet<>(findings).forEach(order::finding);
    if (check != null) {
      order.findings(FindingQuery.first(1).ofCheck(check).ofKind(kind));
    } else if (kind != null) {
      throw wrong("--kind is about the findings of a check (add --check)");
    }
    if (!keys.isEmpty() && consumer == null) {
      throw wrong("--key needs --consumer");
    }
    if (keys.isEmpty() && (consumer != null || tenant != null || source != null)) {
      throw wrong("--consumer, --tenant and --source are about --key (add it)");
    }
    for (String key : keys) {
      order.key(new MessageKey(orEmpty(tenant), orEmpty(consumer), orEmpty(source), key));
    }
    return insist ? order.insist().build() : order.build();
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static UsageException wrong(String message) {
    return new UsageException("IBX-720", message);
  }

  /** Shows or does it, and prints what became of each item; returns the exit code. */
  int run(Session session, OutputOptions output, Repairs repairs, RepairOrder order) {
    boolean applied = apply.apply();
    List<RepairResult> results = applied ? repairs.apply(order) : repairs.preview(order);
    RepairRows rows = new RepairRows(results);
    output.print(session, rows.block(order.action().code(), applied));
    return rows.exitCode();
  }
}
