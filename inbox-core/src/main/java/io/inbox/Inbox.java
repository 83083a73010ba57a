package io.inbox;

import io.inbox.error.ConfigurationException;
import io.inbox.internal.BatchDelivery;
import io.inbox.internal.ConsumerRegistry;
import io.inbox.internal.DeadLetterDesk;
import io.inbox.internal.JoinedClaim;
import io.inbox.internal.Options;
import io.inbox.internal.OwnedMark;
import io.inbox.internal.QueryDeliveries;
import io.inbox.internal.SharedDeliveries;
import io.inbox.internal.SingleDelivery;
import io.inbox.internal.StartCheck;
import io.inbox.internal.Wiring;
import io.inbox.jdbc.JdbcTransactions;
import io.inbox.outbox.OutboxSettings;
import io.inbox.spi.Codec;
import io.inbox.spi.InboxListener;
import io.inbox.spi.Store;
import io.inbox.spi.StoreReport;
import io.inbox.spi.Transactions;
import io.inbox.spi.UnitOfWork;
import io.inbox.spi.WatermarkKey;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jooq.Query;
import org.jspecify.annotations.Nullable;

/**
 * The inbox of one consumer: handles each message once per key, in the transaction that also
 * records the key.
 *
 * <p>What a handler writes through the transaction it is given commits together with the key or not
 * at all, so a redelivery within the dedupe window is recognised and never doubles the effect. The
 * handler itself may run more than once, and what it does elsewhere happens at least once.
 *
 * <p>Thread-safe, and meant to be shared: one inbox per consumer and process. Works with virtual
 * threads. It holds no connection between calls, and starts no thread but the one that tells relays
 * of other processes, and that only once a handler has appended to the outbox.
 */
public final class Inbox implements AutoCloseable {
  private final Wiring wiring;
  private final @Nullable SharedDeliveries shared;
  private final StoreReport report;
  private final ConsumerRegistry.Registration registration;

  private Inbox(
      Wiring wiring,
      @Nullable SharedDeliveries shared,
      StoreReport report,
      ConsumerRegistry.Registration registration) {
    this.wiring = wiring;
    this.shared = shared;
    this.report = report;
    this.registration = registration;
  }

  /**
   * Starts an inbox on a pool of the database that holds the business tables.
   *
   * @param consumer the handler's name, stable over releases: it is part of every key; 1 to 100
   *     characters without white space
   * @param store how to talk to the database: {@code PostgresStore.create()}, or {@code
   *     PortableStore.create()} for H2
   * @param dataSource the pool
   */
  public static Builder builder(String consumer, Store store, @Nullable DataSource dataSource) {
    return builder(consumer, store, JdbcTransactions.on(dataSource));
  }

  /** Starts an inbox on transactions that something else than a {@code DataSource} runs. */
  public static Builder builder(String consumer, Store store, Transactions transactions) {
    return new Builder(new Options(consumer, store, transactions));
  }

  /**
   * Handles a message in a transaction of its own, if it is the first delivery of its key.
   *
   * <p>Takes one connection and blocks until the transaction ended. Waits at most {@link
   * Builder#wait} for a concurrent delivery of the same key; the bound does not apply to the
   * handler's statements. A deadlock or serialization failure runs everything again at once, a few
   * times. It never sleeps between attempts of a failing message: when to deliver again is in the
   * outcome.
   *
   * @return what happened; acknowledge the delivery if {@link Outcome#acknowledge()} says so
   * @throws io.inbox.error.InvalidMessageException if the message cannot be used; nothing was
   *     written
   * @throws io.inbox.error.UsageException if called inside a handler
   * @throws io.inbox.error.SchemaException if the tables are gone or may not be used
   * @throws io.inbox.error.DatabaseException if the database refuses a statement of the library for
   *     good
   * @throws io.inbox.error.IntegrityException if the row that holds the key cannot be seen, or a
   *     stored result was changed
   * @throws Error what the handler threw, after the rollback
   */
  public Outcome<Void> process(Message message, Handler handler) {
    requireHandler(handler);
    if (shared != null) {
      return shared.process(message, handler);
    }
    return SingleDelivery.of(
        wiring,
        message,
        tx -> {
          handler.handle(tx);
          return null;
        },
        null);
  }

  /**
   * Handles the first deliveries of a batch in one transaction: one claim statement, one commit.
   *
   * <p>Repeats within the batch cost nothing. When the handler fails, the batch is rolled back and
   * halved until the failing message stands alone; the others commit. Rules and exceptions are
   * those of {@link #process}; results are not stored.
   *
   * @param messages at most 10,000, of one tenant; may be empty
   * @return one outcome for each message, in the same order
   */
  public List<Outcome<Void>> processBatch(List<Message> messages, BatchHandler handler) {
    requireHandler(handler);
    return BatchDelivery.of(wiring, messages, handler, null);
  }

  /**
   * Handles a batch as {@link #processBatch(List, BatchHandler)} does, and keeps the order within
   * sequences: when a message is not settled, none that follows it in its sequence is handled. Such
   * a one is {@link Outcome.InFlight} with {@link Reason#BEHIND_ANOTHER}, and no attempt is
   * counted.
   *
   * @param messages at most 10,000, of one tenant; may be empty
   * @param sequence returns what the messages of a sequence have in common, an equal object for
   *     each, such as the broker's key; null for a message that keeps no order. Must not block
   * @return one outcome for each message, in the same order
   */
  public List<Outcome<Void>> processBatch(
      List<Message> messages, BatchHandler handler, Function<Message, ?> sequence) {
    requireHandler(handler);
    if (sequence == null) {
      throw new ConfigurationException(
          "IBX-308", "sequence is null (leave it out where no order is to be kept)");
    }
    return BatchDelivery.of(wiring, messages, handler, sequence);
  }

  /**
   * Claims a key in a transaction that the caller owns, for code that must begin and commit itself.
   *
   * <p>Nothing stands between this connection and its commit: if a statement fails, roll back and
   * do not commit, because a driver may report success for a commit that kept nothing. {@link
   * #claim(UnitOfWork, Message)} is guarded. Waits like {@link #process}; the connection's lock
   * timeout is put back afterwards.
   *
   * @param connection of the database that holds the inbox, autocommit off
   * @return what was found; acknowledge nothing before your commit returned
   * @throws io.inbox.error.RetryLaterException if a concurrent transaction holds the key too long,
   *     or the database cannot answer now: roll back, do not acknowledge
   * @throws io.inbox.error.UsageException if the connection is closed, in autocommit mode, or in a
   *     failed transaction
   * @throws io.inbox.error.InvalidMessageException if the message cannot be used; nothing was
   *     written
   * @throws io.inbox.error.SchemaException as {@link #process} does; so do {@code
   *     DatabaseException} and {@code IntegrityException}: roll back
   */
  public Claim claim(Connection connection, Message message) {
    return JoinedClaim.on(wiring, connection, message);
  }

  /**
   * Claims a key in a running unit of work, as {@link #claim(Connection, Message)} does, and lets
   * the commit guard stand before its commit. The statements beside the claim are not watched: on
   * H2, where a failed statement leaves the transaction usable, an error that is swallowed goes
   * unseen.
   */
  public Claim claim(UnitOfWork unit, Message message) {
    return JoinedClaim.in(wiring, unit, message);
  }

  /**
   * Returns a handler that is nothing but queries, which are sent in one round trip with their
   * claim where that is possible: on PostgreSQL, without row-level security, in transactions of a
   * data source. Elsewhere they run as any handler does. Renders the queries now, and never again;
   * does not ask the database.
   *
   * @param first INSERT, UPDATE, DELETE, MERGE or plain SQL without a result; its parameters are
   *     jOOQ's {@code param(name, type)}
   * @param more run after it, in this order, each sees what those before it wrote; at most 99
   * @throws ConfigurationException if one of them returns rows, or cannot be rendered
   */
  public SqlHandler sql(Query first, Query... more) {
    List<Query> queries = new ArrayList<>();
    queries.add(first);
    queries.addAll(Arrays.asList(more));
    return new SqlHandler(QueryDeliveries.of(wiring, shared, queries));
  }

  /**
   * Returns this inbox for handlers that take a decoded payload.
   *
   * @param <P> the payload's type
   */
  public <P> TypedInbox<P, Void> typed(Codec<P> payload) {
    return new TypedInbox<>(this, wiring, payload, null);
  }

  /**
   * Returns the parts of a file or batch under one id, to be handled once each, over as many runs
   * as it takes.
   *
   * @param batchId by the rules of {@link MessageKey#source()}; unique per file or batch
   */
  public PartedBatch batch(String batchId) {
    return new PartedBatch(this, wiring, batchId, "", 500);
  }

  /**
   * Takes a partition of an ordered stream over, to handle its messages by their positions instead
   * of their ids: the mode of an ordered source that is read by one process at a time, such as a
   * partition of a log. Every earlier owner of it is fenced from now on.
   *
   * <p>Call it whenever the source gives this process the partition, and go on reading behind
   * {@link Watermark#position()}. Takes one connection for a short transaction of its own, which
   * waits for that of an earlier owner no longer than {@link Builder#wait}.
   *
   * @param stream what the positions belong to, such as a topic; 1 to 200 characters, by the rules
   *     of {@link MessageKey#messageId()}
   * @param partition zero or more; 0 where the stream has no parts
   * @throws io.inbox.error.RetryLaterException if an earlier owner's transaction does not end, or
   *     the database cannot be used now: try again
   * @throws io.inbox.error.SchemaException if the schema is older than version 4
   */
  public Watermark takeOver(String stream, int partition) {
    return takeOver("", stream, partition);
  }

  /** Takes over as {@link #takeOver(String, int)} does, for the messages of one tenant. */
  public Watermark takeOver(String tenant, String stream, int partition) {
    WatermarkKey key = new WatermarkKey(tenant, wiring.consumer(), stream, partition);
    return new Watermark(wiring, OwnedMark.takeOver(wiring, key));
  }

  /** Returns the dead letters of this consumer, those without a tenant. */
  public DeadLetters deadLetters() {
    return new DeadLetterDesk(wiring, "");
  }

  /** Returns the keys an application recorded before it used this inbox, to be taken over. */
  public Backfill backfill() {
    return new Backfill(wiring);
  }

  /** Returns what was found about the database at start. */
  public StoreReport report() {
    return report;
  }

  /** Returns the consumer's name. */
  public String consumer() {
    return wiring.consumer();
  }

  /**
   * Frees the consumer's name in this process and ends the thread that tells relays. Deliveries in
   * flight end as usual.
   */
  @Override
  public void close() {
    registration.close();
    wiring.close();
  }

  static void requireHandler(@Nullable Object handler) {
    if (handler == null) {
      throw new ConfigurationException("IBX-308", "the handler is null");
    }
  }

  /** Collects the options of an inbox. Not thread-safe. */
  public static final class Builder {
    private final Options options;

    private Builder(Options options) {
      this.options = options;
    }

    /**
     * Sets the dedupe window: how long a key is remembered at least. Default: 14 days. It must be
     * longer than any broker, webhook sender or person may take to deliver a message again; above
     * zero, at most 36,500 days.
     */
    public Builder window(Duration window) {
      options.window = window;
      return this;
    }

    /**
     * Declares the longest time after which a message may still be delivered again, so that a
     * shorter window is refused. Default: not declared.
     */
    public Builder redeliveryHorizon(@Nullable Duration horizon) {
      options.redeliveryHorizon = horizon;
      return this;
    }

    /** Sets how far in the future a message time may lie. Default: 1 day. */
    public Builder maxAhead(Duration maxAhead) {
      options.maxAhead = maxAhead;
      return this;
    }

    /**
     * Sets how long a delivery waits for a concurrent one of the same key, 1 ms to 5 min. Default:
     * 2 s. Longer than most handlings is right; it holds a connection.
     */
    public Builder wait(Duration wait) {
      options.wait = wait;
      return this;
    }

    /** Sets attempts and backoff. Default: {@link RetryPolicy#ofDefaults()}. */
    public Builder retry(RetryPolicy retry) {
      options.retry = retry;
      return this;
    }

    /** Sets what a duplicate gets. Default: {@link DuplicatePolicy#SKIP}. */
    public Builder onDuplicate(DuplicatePolicy policy) {
      options.duplicates = policy;
      return this;
    }

    /**
     * Turns on the comparison of contents: a key that comes again with another fingerprint is a
     * mismatch. Default: off.
     */
    public Builder fingerprint(@Nullable Fingerprint fingerprint) {
      options.fingerprint = fingerprint;
      return this;
    }

    /** Requires every message to name a tenant. Default: not required. */
    public Builder multiTenant(boolean required) {
      options.multiTenant = required;
      return this;
    }

    /** Sets the largest payload, in bytes, 1 to 536,870,912. Default: 16 MiB. */
    public Builder maxPayloadBytes(int bytes) {
      options.maxPayloadBytes = bytes;
      return this;
    }

    /**
     * Starts although a crash of the database may lose acknowledged messages; each reason is logged
     * as a warning. Default: refuse to start.
     */
    public Builder allowReducedDurability() {
      options.allowReducedDurability = true;
      return this;
    }

    /**
     * Sets what handlers may append to the outbox, which is in the same tables, and how relays are
     * told. Default: {@link OutboxSettings#ofDefaults()}.
     */
    public Builder outbox(OutboxSettings settings) {
      options.outbox = settings;
      return this;
    }

    /**
     * Lets concurrent calls of {@link Inbox#process} share transactions: one claim statement and
     * one commit for all of them. Default: each call has a transaction of its own. {@link
     * GroupCommit} says what that means for handlers.
     */
    public Builder groupCommit(@Nullable GroupCommit options) {
      this.options.groupCommit = options;
      return this;
    }

    /**
     * Keeps the keys of this consumer in buckets, one for each day that they carry in themselves.
     * Window and {@code maxAhead} are 400 days together at most. {@link #build} refuses a consumer
     * whose keys are kept in another way, and a schema without buckets. Default: no buckets.
     */
    public Builder buckets(@Nullable Buckets buckets) {
      options.buckets = buckets;
      return this;
    }

    /** Adds a listener; more than one is called in the order they were added. Default: none. */
    public Builder listener(InboxListener listener) {
      options.listener(listener);
      return this;
    }

    /**
     * Checks options, database, settings and schema, registers the consumer, and returns the inbox.
     * Takes one connection and blocks.
     *
     * @throws ConfigurationException if an option or setting breaks a promise, or this process has
     *     an inbox of that name already
     * @throws io.inbox.error.SchemaException if the schema is missing, too old or too new
     * @throws io.inbox.error.RetryLaterException if the database cannot be reached
     */
    public Inbox build() {
      options.validate();
      StoreReport report = StartCheck.run(options);
      Wiring wiring = new Wiring(options, report.identity());
      ConsumerRegistry.Registration registration =
          ConsumerRegistry.register(report.identity(), wiring.tables(), wiring.consumer());
      try {
        StartCheck.announce(options);
        wiring.checkOutbox(options);
      } catch (RuntimeException e) {
        registration.close();
        throw e;
      }
      @Nullable SharedDeliveries shared =
          options.groupCommit == null ? null : new SharedDeliveries(wiring, options.groupCommit);
      return new Inbox(wiring, shared, report, registration);
    }
  }
}
