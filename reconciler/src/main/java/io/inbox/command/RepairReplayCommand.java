package io.inbox.command;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.command.database.Target;
import io.inbox.command.letters.Replay;
import io.inbox.reconciler.RepairAction;
import io.inbox.reconciler.RepairOrder;
import io.inbox.reconciler.Repairs;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Handles dead letters again that findings are about. */
@Command(
    name = "replay",
    description = {
      "Handles the open dead letters again that findings or keys are about; it needs the consumer's handler as a plugin.",
      "Without --apply it only shows what would be done. Letters are named by inbox dead-letters replay."
    },
    sortOptions = false,
    footer = Help.EXIT_CODES)
final class RepairReplayCommand extends Help implements Callable<Integer> {
  private final Session session;

  @Mixin private RepairOptions repair = new RepairOptions();
  @Mixin private KnownChecks checks = new KnownChecks();
  @Mixin private HandlerOptions handlers = new HandlerOptions();
  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Option(
      names = "--insist",
      description = "also where the effect is there: the replay would double it")
  private boolean insist;

  RepairReplayCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Target target = database.target(session);
    repair.apply();
    Map<String, String> options = handlers.options();
    try (Plugins plugins = handlers.plugins()) {
      Thread.currentThread().setContextClassLoader(plugins.loader());
      HandlerOptions.Handlers found = HandlerOptions.find(plugins);
      try (KnownChecks.Opened known = checks.open(session);
          HikariDataSource pool = target.pool(4);
          Replay replay = new Replay(target, found::of, options, pool, "")) {
        RepairOrder order = repair.order(new RepairAction.Replay(replay::consumer), insist);
        return repair.run(
            session, output, Repairs.open(target.store(), pool, known.checks()), order);
      }
    }
  }
}
