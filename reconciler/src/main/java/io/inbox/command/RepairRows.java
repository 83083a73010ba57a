package io.inbox.command;

import io.inbox.command.output.Block;
import io.inbox.reconciler.RepairItem;
import io.inbox.reconciler.RepairResult;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says what became of each item of a repair. */
final class RepairRows {
  private final List<Block.Titled> items = new ArrayList<>();
  private int planned;
  private int done;
  private int skipped;
  private int failed;

  RepairRows(List<RepairResult> results) {
    results.forEach(this::add);
  }

  private void add(RepairResult result) {
    if (result instanceof RepairResult.Planned it) {
      item(result, "WOULD_REPAIR", it.before(), it.after(), null, null);
      planned++;
    } else if (result instanceof RepairResult.Repaired it) {
      item(result, "REPAIRED", it.before(), it.after(), null, it.repair());
      done++;
    } else if (result instanceof RepairResult.Skipped it) {
      item(result, "SKIPPED", null, null, it.why(), null);
      skipped++;
    } else if (result instanceof RepairResult.Refused it) {
      item(result, "REFUSED", null, null, it.why(), null);
      failed++;
    } else if (result instanceof RepairResult.Failed it) {
      item(result, "FAILED", null, null, it.why(), null);
      failed++;
    }
  }

  private void item(
      RepairResult result,
      String outcome,
      @Nullable String before,
      @Nullable String after,
      @Nullable String why,
      @Nullable Long repair) {
    @Nullable Long finding =
        result.item() instanceof RepairItem.OfFinding found ? found.id() : null;
    Block block =
        new Block()
            .hidden("finding", finding)
            .hidden("about", result.about())
            .fact("outcome", "outcome", outcome)
            .fact("before", "before", before)
            .fact("after", "after", after)
            .fact("why", "why", why)
            .fact("repair", "repair", repair);
    String title = finding == null ? result.about() : finding + ": " + result.about();
    items.add(new Block.Titled(title, block));
  }

  Block block(String action, boolean applied) {
    Block block =
        new Block()
            .hidden("command", "repair")
            .hidden("applied", applied)
            .fact("action", "action", action)
            .fact("planned", "planned", applied ? null : planned)
            .fact("repaired", "repaired", applied ? done : null)
            .fact("skipped", "skipped", skipped)
            .fact("failed", "refused or failed", failed)
            .objects("items", items);
    return applied
        ? block
        : block.note("").note("Nothing was changed: add --apply --reason \"...\" to do it.");
  }

  int exitCode() {
    return failed > 0 ? ExitCode.FINDINGS : ExitCode.OK;
  }
}
