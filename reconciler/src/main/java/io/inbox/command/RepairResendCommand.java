package io.inbox.command;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.command.database.Target;
import io.inbox.outbox.Outbox;
import io.inbox.reconciler.RepairAction;
import io.inbox.reconciler.Repairs;
import io.inbox.spi.Store;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Puts messages into the outbox again. */
@Command(
    name = "resend",
    description = {
      "Puts into the outbox again what the first handling of a key appended, or dead letters of the outbox.",
      "Without --apply it only shows what would be done."
    },
    sortOptions = false,
    footer = Help.EXIT_CODES)
final class RepairResendCommand extends Help implements Callable<Integer> {
  private final Session session;

  @Mixin private RepairOptions repair = new RepairOptions();
  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  RepairResendCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Target target = database.target(session);
    repair.apply();
    Store store = target.store();
    try (HikariDataSource pool = target.pool(4);
        Outbox outbox = Outbox.open(store, pool)) {
      return repair.run(
          session,
          output,
          Repairs.open(store, pool, List.of()),
          repair.order(new RepairAction.ReSend(outbox), false));
    }
  }
}
