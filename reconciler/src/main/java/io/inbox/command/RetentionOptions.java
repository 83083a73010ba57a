package io.inbox.command;

import io.inbox.command.output.Grid;
import io.inbox.reconciler.Retention;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Whose rows a rule is about. */
final class RetentionOptions {
  @Spec(Spec.Target.MIXEE)
  private @SuppressWarnings("NullAway.Init") CommandSpec command;

  @Option(names = "--consumer", paramLabel = "NAME", description = "rows of this consumer")
  private @Nullable String consumer;

  @Option(
      names = "--tenant",
      paramLabel = "NAME",
      description = "rows of this tenant; '' for those without one")
  private @Nullable String tenant;

  @Option(names = "--everything", description = "all rows, in place of naming any")
  private boolean everything;

  @Nullable String consumer() {
    check();
    return consumer;
  }

  @Nullable String tenant() {
    check();
    return tenant;
  }

  private void check() {
    if ((consumer != null || tenant != null) == everything) {
      throw new ParameterException(
          command.commandLine(), "say whose rows: --consumer, --tenant or both, or --everything");
    }
  }

  static Grid grid(List<Retention.Rule> rules) {
    Grid grid =
        new Grid("rules", "Kept longer than the window", "none")
            .text("consumer", "consumer")
            .text("tenant", "tenant")
            .column("keepSeconds", "keep");
    rules.forEach(rule -> grid.row(rule.consumer(), rule.tenant(), rule.keep()));
    return grid;
  }
}
