package io.inbox.command;

import io.inbox.command.database.Policies;
import io.inbox.command.database.Query;
import io.inbox.command.database.Snapshot;
import io.inbox.command.database.Target;
import io.inbox.command.deed.Item;
import io.inbox.command.letters.InboxLetters;
import io.inbox.command.letters.Letters;
import io.inbox.command.letters.OutboxLetters;
import io.inbox.command.letters.Selection;
import io.inbox.error.UsageException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which dead letters. */
final class LetterOptions {
  @Spec(Spec.Target.MIXEE)
  private @SuppressWarnings("NullAway.Init") CommandSpec command;

  @Option(names = "--outbox", description = "the dead letters of the outbox, not of the inbox")
  private boolean outbox;

  @Option(names = "--consumer", paramLabel = "NAME", description = "only those of this consumer")
  private @Nullable String consumer;

  @Option(
      names = "--topic",
      paramLabel = "NAME",
      description = "with --outbox: only those for this topic")
  private @Nullable String topic;

  @Option(
      names = "--tenant",
      paramLabel = "NAME",
      description = "only those of this tenant; needed where policies keep tenants apart")
  private @Nullable String tenant;

  @Option(
      names = "--because",
      paramLabel = "REASON",
      description = "only those given up for this reason, such as ATTEMPTS_EXHAUSTED")
  private @Nullable String because;

  boolean outbox() {
    return outbox;
  }

  Letters letters(Target target) {
    return outbox
        ? new OutboxLetters(target.tables())
        : new InboxLetters(target.tables(), target::store);
  }

  String tenant() {
    return tenant == null ? "" : tenant;
  }

  /**
   * Refuses to look at letters of the inbox where policies would show none for want of a tenant.
   */
  void requireTenant(Query query, Target target) throws SQLException {
    if (!outbox) {
      Policies.requireTenant(query, target, tenant);
    }
  }

  Selection selection(@Nullable String state, long after) {
    if (outbox && consumer != null) {
      throw wrong("--consumer is about the inbox (leave out --outbox, or say --topic)");
    }
    if (!outbox && topic != null) {
      throw wrong("--topic is about the outbox (add --outbox, or say --consumer)");
    }
    return new Selection(outbox ? topic : consumer, tenant, because, state, after);
  }

  /** Returns the open letters that ids name, or all that the other options select. */
  List<Item> chosen(Snapshot snapshot, Target target, List<Long> ids, @Nullable Integer limit)
      throws SQLException {
    Letters letters = letters(target);
    if (limit != null) {
      return letters.find(snapshot.query(), selection("OPEN", 0), limit);
    }
    List<Item> chosen = new ArrayList<>();
    for (long id : new TreeSet<>(ids)) {
      Item letter =
          letters
              .find(snapshot.query(), id)
              .orElseThrow(
                  () ->
                      new UsageException(
                          "IBX-705",
                          (outbox ? "the outbox has" : "there is")
                              + " no dead letter "
                              + id
                              + ", or this login may not see it (inbox dead-letters list shows those there are)"));
      if (!letter.open()) {
        throw new UsageException(
            "IBX-704",
            "dead letter "
                + id
                + " is not open (inbox dead-letters show "
                + (outbox ? "--outbox " : "")
                + id
                + " says what became of it)");
      }
      chosen.add(letter);
    }
    return chosen;
  }

  ParameterException wrong(String message) {
    return new ParameterException(command.commandLine(), message);
  }
}
