package io.inbox.command;

import io.inbox.command.database.Target;
import io.inbox.command.deed.Deed;
import io.inbox.command.deed.Deeds;
import io.inbox.command.deed.Item;
import io.inbox.error.UsageException;
import io.inbox.reconciler.Hold;
import io.inbox.reconciler.Holds;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Ends holds. */
@Command(
    name = "release",
    description = {
      "Ends holds, so that the next run of the collector may remove what they held; they stay listed by list --all.",
      "Without --apply it only shows which."
    },
    sortOptions = false,
    footer = Help.EXIT_CODES)
final class HoldsReleaseCommand extends Help implements Callable<Integer> {
  private final Session session;

  @Parameters(arity = "1..*", paramLabel = "ID", description = "the holds")
  private List<Long> ids = new ArrayList<>();

  @Mixin private ApplyOptions apply = new ApplyOptions();
  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  HoldsReleaseCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Target target = database.target(session);
    boolean applied = apply.apply();
    Holds holds = Holds.open(target.store(), target.dataSource());
    List<Item> chosen = chosen(holds);
    Deeds deeds = new Deeds("holds", "Holds");
    if (applied) {
      deeds.carryOut(chosen, item -> release(holds, item));
    } else {
      deeds.preview(chosen, "WOULD_RELEASE");
    }
    output.print(session, deeds.block("holds release"));
    return deeds.allDone() ? ExitCode.OK : ExitCode.FINDINGS;
  }

  private List<Item> chosen(Holds holds) {
    List<Hold> lasting = holds.list();
    List<Item> chosen = new ArrayList<>();
    for (long id : new TreeSet<>(ids)) {
      Hold hold =
          lasting.stream()
              .filter(found -> found.id() == id)
              .findFirst()
              .orElseThrow(
                  () ->
                      new UsageException(
                          "IBX-906",
                          "there is no hold "
                              + id
                              + " that has not ended (inbox holds list shows them)"));
      chosen.add(new Item(id, "", hold.scope().toString(), true, hold.reason()));
    }
    return chosen;
  }

  private Deed.Result release(Holds holds, Item item) {
    return holds.release(item.id(), apply.reason(), apply.by())
        ? Deed.Result.of("RELEASED")
        : new Deed.Result("GONE", true, "somebody else has released it");
  }
}
