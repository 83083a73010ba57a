package io.inbox.command;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.command.database.Schema;
import io.inbox.command.database.Snapshot;
import io.inbox.command.database.Target;
import io.inbox.command.deed.Deed;
import io.inbox.command.deed.Deeds;
import io.inbox.command.deed.Item;
import io.inbox.command.letters.OutboxDeed;
import io.inbox.command.letters.Replay;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Handles dead letters again, or puts those of the outbox into it again. */
@Command(
    name = "replay",
    description = {
      "Handles open dead letters again, each in a transaction of its own; with --outbox puts them into the outbox again.",
      "Without --apply it only shows which. Of the inbox it needs the consumer's handler as a plugin."
    },
    sortOptions = false,
    footer = Help.EXIT_CODES)
final class LettersReplayCommand extends Help implements Callable<Integer> {
  private static final Duration AT_MOST = Duration.ofMinutes(1);

  private final Session session;

  @Mixin private Several several = new Several();
  @Mixin private ApplyOptions apply = new ApplyOptions();
  @Mixin private HandlerOptions handlers = new HandlerOptions();
  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private LetterOptions which = new LetterOptions();

  LettersReplayCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws SQLException {
    Target target = database.target(session);
    boolean applied = apply.apply();
    Integer limit = several.limit();
    Map<String, String> options = handlers.options();
    try (Plugins plugins = handlers.plugins()) {
      Thread.currentThread().setContextClassLoader(plugins.loader());
      List<Item> letters;
      try (Snapshot snapshot = Snapshot.of(target, AT_MOST, which.tenant())) {
        Schema.require(snapshot.query(), target.tables());
        which.requireTenant(snapshot.query(), target);
        letters = which.chosen(snapshot, target, several.ids(), limit);
      }
      HandlerOptions.Handlers found = HandlerOptions.find(plugins);
      if (!which.outbox()) {
        // Before anything is done, and also where nothing is to be done: who tries wants to know.
        letters.stream().map(Item::owner).distinct().forEach(found::of);
      }
      Deeds deeds = new Deeds("letters", "Dead letters");
      if (applied) {
        carryOut(target, found, options, letters, deeds);
      } else {
        deeds.preview(letters, which.outbox() ? "WOULD_REQUEUE" : "WOULD_REPLAY");
      }
      output.print(session, deeds.block("dead-letters replay"));
      return deeds.allDone() ? ExitCode.OK : ExitCode.FINDINGS;
    }
  }

  private void carryOut(
      Target target,
      HandlerOptions.Handlers found,
      Map<String, String> options,
      List<Item> letters,
      Deeds deeds) {
    String reason = apply.signedReason();
    if (which.outbox()) {
      try (Deed deed = OutboxDeed.requeue(target, reason)) {
        deeds.carryOut(letters, deed);
      }
      return;
    }
    try (HikariDataSource pool = target.pool(2);
        Deed deed = new Replay(target, found::of, options, pool, reason)) {
      deeds.carryOut(letters, deed);
    }
  }
}
