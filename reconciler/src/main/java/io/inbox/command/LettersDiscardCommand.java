package io.inbox.command;

import io.inbox.command.database.Schema;
import io.inbox.command.database.Snapshot;
import io.inbox.command.database.Target;
import io.inbox.command.deed.Deed;
import io.inbox.command.deed.Deeds;
import io.inbox.command.deed.Item;
import io.inbox.command.letters.Discard;
import io.inbox.command.letters.OutboxDeed;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Ends dead letters without handling or publishing them. */
@Command(
    name = "discard",
    description = {
      "Ends open dead letters without handling or publishing them; they stay stored.",
      "Without --apply it only shows which."
    },
    sortOptions = false,
    footer = Help.EXIT_CODES)
final class LettersDiscardCommand extends Help implements Callable<Integer> {
  private static final Duration AT_MOST = Duration.ofMinutes(1);

  private final Session session;

  @Mixin private Several several = new Several();
  @Mixin private ApplyOptions apply = new ApplyOptions();
  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private LetterOptions which = new LetterOptions();

  LettersDiscardCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws SQLException {
    Target target = database.target(session);
    boolean applied = apply.apply();
    Integer limit = several.limit();
    List<Item> letters;
    try (Snapshot snapshot = Snapshot.of(target, AT_MOST, which.tenant())) {
      Schema.require(snapshot.query(), target.tables());
      which.requireTenant(snapshot.query(), target);
      letters = which.chosen(snapshot, target, several.ids(), limit);
    }
    Deeds deeds = new Deeds("letters", "Dead letters");
    if (applied) {
      String reason = apply.signedReason();
      try (Deed deed =
          which.outbox() ? OutboxDeed.discard(target, reason) : new Discard(target, reason)) {
        deeds.carryOut(letters, deed);
      }
    } else {
      deeds.preview(letters, "WOULD_DISCARD");
    }
    output.print(session, deeds.block("dead-letters discard"));
    return deeds.allDone() ? ExitCode.OK : ExitCode.FINDINGS;
  }
}
