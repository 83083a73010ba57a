package io.inbox.command.letters;

import io.inbox.Handler;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.command.database.Policies;
import io.inbox.command.database.Snapshot;
import io.inbox.command.database.Target;
import io.inbox.command.deed.Deed;
import io.inbox.command.deed.Item;
import io.inbox.reconciler.RepairAction;
import io.inbox.spi.HandlerFactory;
import io.inbox.spi.Store;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import javax.sql.DataSource;

/** Handles dead letters of the inbox again, by the handlers of their consumers. */
public final class Replay implements Deed {
  private static final Duration AT_MOST = Duration.ofMinutes(1);

  private final Target target;
  private final Function<String, HandlerFactory> factories;
  private final Map<String, String> options;
  private final DataSource dataSource;
  private final String reason;
  private final Map<String, Consumer> consumers = new HashMap<>();

  /**
   * Replays in this database.
   *
   * @param factories returns the factory for a consumer
   * @param options what the factories are given
   * @param dataSource the pool
   * @param reason stored with each letter
   */
  public Replay(
      Target target,
      Function<String, HandlerFactory> factories,
      Map<String, String> options,
      DataSource dataSource,
      String reason) {
    this.target = target;
    this.factories = factories;
    this.options = options;
    this.dataSource = dataSource;
    this.reason = reason;
  }

  @Override
  public Result on(Item letter) {
    Consumer consumer = consumers.computeIfAbsent(letter.owner(), this::open);
    Outcome<Void> outcome =
        consumer
            .inbox()
            .deadLetters()
            .ofTenant(letter.tenant())
            .replay(letter.id(), reason, consumer.handlers());
    if (outcome instanceof Outcome.Processed) {
      return Result.of("REPLAYED");
    }
    if (outcome instanceof Outcome.Duplicate) {
      return new Result("DUPLICATE", false, "the key was handled meanwhile: discard the letter");
    }
    if (outcome instanceof Outcome.Failed<Void> failed) {
      return new Result("FAILED", false, String.valueOf(failed.cause()));
    }
    return new Result("IN_FLIGHT", false, "another transaction holds the key: try again later");
  }

  /** Returns the inbox of a consumer and its handlers, for repairs. */
  public RepairAction.Consumer consumer(String name) {
    Consumer consumer = consumers.computeIfAbsent(name, this::open);
    return new RepairAction.Consumer(consumer.inbox(), consumer.handlers());
  }

  private Consumer open(String name) {
    try {
      Stored stored = stored(name);
      Store store = target.store(stored.bound());
      Inbox.Builder builder =
          Inbox.builder(name, store, dataSource)
              .window(stored.window())
              .multiTenant(stored.bound());
      Function<Message, Handler> handlers = factories.apply(name).create(builder, options);
      return new Consumer(builder.build(), handlers);
    } catch (SQLException e) {
      throw new IllegalStateException("the consumer's row cannot be read", e);
    }
  }

  /**
   * Reads the window that the consumer registered, which building its inbox would else overwrite,
   * and whether policies keep this login to one tenant at a time.
   */
  private Stored stored(String name) throws SQLException {
    try (Snapshot snapshot = Snapshot.of(target, AT_MOST)) {
      Duration window =
          snapshot
              .query()
              .first(
                  "SELECT \"dedupe_window_seconds\" FROM "
                      + target.tables().quoted("consumer")
                      + " WHERE \"consumer\" = ?",
                  row -> Duration.ofSeconds(row.number(1)),
                  name)
              .orElse(Duration.ofDays(14));
      boolean bound = Policies.hideRows(snapshot.query(), target);
      return new Stored(window, bound);
    }
  }

  @Override
  public void close() {
    consumers.values().forEach(consumer -> consumer.inbox().close());
  }

  /** What the database says about a consumer and this login. */
  private record Stored(Duration window, boolean bound) {}

  /** A consumer that letters were replayed for. */
  private record Consumer(Inbox inbox, Function<Message, Handler> handlers) {}
}
