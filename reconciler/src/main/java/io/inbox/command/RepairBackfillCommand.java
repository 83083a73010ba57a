package io.inbox.command;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.command.database.Target;
import io.inbox.reconciler.RepairAction;
import io.inbox.reconciler.RepairOrder;
import io.inbox.reconciler.Repairs;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Records keys as handled. */
@Command(
    name = "backfill",
    description = {
      "Records keys as handled, so that a redelivery is a duplicate.",
      "Without --apply it only shows what would be done."
    },
    sortOptions = false,
    footer = Help.EXIT_CODES)
final class RepairBackfillCommand extends Help implements Callable<Integer> {
  private final Session session;

  @Mixin private RepairOptions repair = new RepairOptions();
  @Mixin private KnownChecks checks = new KnownChecks();
  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Option(
      names = "--insist",
      description = "also where the effect may be missing: the message would be lost")
  private boolean insist;

  RepairBackfillCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Target target = database.target(session);
    repair.apply();
    RepairOrder order = repair.order(new RepairAction.Backfill(), insist);
    try (KnownChecks.Opened known = checks.open(session);
        HikariDataSource pool = target.pool(3)) {
      return repair.run(session, output, Repairs.open(target.store(), pool, known.checks()), order);
    }
  }
}
