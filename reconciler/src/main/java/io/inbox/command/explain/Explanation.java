package io.inbox.command.explain;

import io.inbox.command.database.Policies;
import io.inbox.command.database.Query;
import io.inbox.command.database.Schema;
import io.inbox.command.database.Target;
import io.inbox.command.output.Block;
import io.inbox.command.output.Words;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Tells everything that is known about the keys of an id. */
public final class Explanation {
  private Explanation() {}

  /** Looks everything up, in the transaction of the query. */
  public static Block of(Query query, Target target, Asked asked) throws SQLException {
    Schema.require(query, target.tables());
    Policies.requireTenant(query, target, asked.scope().tenant());
    Unseen unseen = new Unseen();
    List<Key> keys = new ArrayList<>(new KeySearch(query, target.tables(), unseen).keys(asked));
    boolean more = keys.size() > asked.limit();
    if (more) {
      keys.remove(asked.limit());
    }
    if (keys.isEmpty()) {
      keys.addAll(named(asked));
    }
    Block block =
        new Block()
            .hidden("command", "explain")
            .hidden("by", asked.what().name().toLowerCase(Locale.ROOT))
            .hidden("asked", asked.text())
            .hidden("more", more);
    List<Block.Titled> explained = new ArrayList<>();
    for (Key key : keys) {
      explained.add(new Block.Titled(key.toString(), explain(query, target, unseen, key, asked)));
    }
    if (explained.isEmpty()) {
      block.note(
          "No key of the inbox has the "
              + asked.what().column().replace('_', ' ')
              + " "
              + asked.text()
              + ": its next delivery is handled, as the first one (name --consumer, and --tenant and --source if it has them, to see why).");
    }
    block.objects("keys", explained);
    block.grid(new OutboxTraces(query, target.tables(), unseen, asked).grid());
    if (more) {
      block.note("").note("There are more keys: add --consumer, --tenant or --source.");
    }
    return unseen(block, unseen);
  }

  /** Returns the key that is named in full, which may be unknown and yet has a next delivery. */
  private static List<Key> named(Asked asked) {
    String consumer = asked.scope().consumer();
    if (asked.what() != Asked.What.MESSAGE_ID || consumer == null) {
      return List.of();
    }
    String tenant = asked.scope().tenant();
    String source = asked.scope().source();
    return List.of(
        new Key(
            tenant == null ? "" : tenant, consumer, source == null ? "" : source, asked.text()));
  }

  private static Block explain(Query query, Target target, Unseen unseen, Key key, Asked asked)
      throws SQLException {
    Block block =
        new Block()
            .hidden("tenant", key.tenant())
            .hidden("consumer", key.consumer())
            .hidden("source", key.source())
            .hidden("messageId", key.messageId());
    Handling.of(query, target.tables(), unseen, key).show(block, asked.time());
    new Traces(query, target.tables(), unseen, key).show(block);
    return block;
  }

  private static Block unseen(Block block, Unseen unseen) {
    block.hidden("notVisible", unseen.forbidden()).hidden("tookTooLong", unseen.slow());
    if (!unseen.forbidden().isEmpty()) {
      block.note("").note("Not visible to this login: " + Words.of(unseen.forbidden()) + ".");
    }
    if (!unseen.slow().isEmpty()) {
      block
          .note("")
          .note(
              "Not searched, as it took longer than --timeout: "
                  + Words.of(unseen.slow())
                  + ". Name --consumer, --tenant and --source, or raise it.");
    }
    return block;
  }
}
