package io.inbox.outbox;

import io.inbox.RetryPolicy;
import io.inbox.internal.outbox.RelayEngine;
import io.inbox.internal.outbox.RelayOptions;
import io.inbox.spi.RelayListener;
import io.inbox.spi.Store;
import java.time.Duration;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Publishes what is in the outbox, in order, and deletes what was published.
 *
 * <p>Any number of relays may run, in any number of processes: they share the slots of the outbox,
 * and take over those of a relay that died when its lease is over. Each message is published at
 * least once, under the same id; those of one tenant, topic and key first appear in the order of
 * their commits, and after a crash a piece of that order may appear again. A message that fails
 * holds back its own key only.
 *
 * <p>Runs threads of its own until it is closed. Needs one connection of the pool for each thread,
 * one for its leases, and on PostgreSQL one that listens; no connection is held while the publisher
 * is called. Thread-safe.
 */
public final class Relay implements AutoCloseable {
  private final RelayEngine engine;

  private Relay(RelayEngine engine) {
    this.engine = engine;
  }

  /**
   * Starts a relay from the defaults.
   *
   * @param store how to talk to the database
   * @param dataSource a pool of the outbox's database, with the rights of a relay
   * @param publisher where messages go; it is not closed with the relay
   */
  public static Builder builder(Store store, @Nullable DataSource dataSource, Publisher publisher) {
    return new Builder(new RelayOptions(store, dataSource, publisher));
  }

  /** Returns the slots this relay owns now. */
  public Set<Integer> slots() {
    return engine.slots();
  }

  /**
   * Stops: what is being published is waited for, at most {@link Builder#closeWait}, and deleted;
   * the slots are given back, so that another relay goes on at once. Blocks until then, also if the
   * thread is interrupted, which stays interrupted; if the database does not answer, for what is
   * left of that time, and 2 s at least. Uses no connection on the calling thread, which may be the
   * publisher's or a listener's: then the slots in use are given back after it returns. Throws
   * nothing; a second call does nothing.
   */
  @Override
  public void close() {
    engine.close();
  }

  /** Collects the options of a relay. Not thread-safe. */
  public static final class Builder {
    private final RelayOptions options;

    private Builder(RelayOptions options) {
      this.options = options;
    }

    /** Sets a name for logs, threads and the table of relays. Default: {@code relay}. */
    public Builder name(String name) {
      options.name = name;
      return this;
    }

    /**
     * Sets how many threads publish, 1 to 64; they share the slots. Default: 1, which is enough
     * unless the publisher is slow to answer.
     */
    public Builder threads(int threads) {
      options.threads = threads;
      return this;
    }

    /**
     * Sets how many messages are read, published and deleted at a time, 1 to 10,000. Default:
     * 1,024. At most 8 MiB of payload, or one message, is held at a time whatever this is.
     */
    public Builder batch(int messages) {
      options.batch = messages;
      return this;
    }

    /**
     * Sets how long the slots of a relay that died stay without one, 1 s to 1 h. Default: 15 s. It
     * is renewed while the publisher is called, so it need only be longer than the process may
     * stand still: a relay that was paused for longer deletes nothing more, and what it was
     * publishing is published again by another.
     */
    public Builder lease(Duration lease) {
      options.lease = lease;
      return this;
    }

    /**
     * Sets the longest time between two looks at the outbox, 10 ms to 1 h. Default: 2 s. It matters
     * only where no wake-up comes: after one that was lost, or where there are none.
     */
    public Builder pollEvery(Duration poll) {
      options.poll = poll;
      return this;
    }

    /**
     * Sets attempts and backoff of a message that fails; the policy's {@code maxDeliveries}
     * concerns inboxes only. Default: {@link RetryPolicy#ofDefaults()}.
     */
    public Builder retry(RetryPolicy retry) {
      options.retry = retry;
      return this;
    }

    /**
     * Sets what becomes of a message after its last attempt. Default: {@link
     * WhenExhausted#DEAD_LETTER}.
     */
    public Builder whenExhausted(WhenExhausted policy) {
      options.whenExhausted = policy;
      return this;
    }

    /**
     * Sets after how many keys of a topic failed in a row, with none getting through, the topic is
     * left alone for a while, 1 to 10,000. Default: 5.
     */
    public Builder circuitFailures(int keys) {
      options.circuitFailures = keys;
      return this;
    }

    /**
     * Sets the longest time a topic is left alone before a few of its messages are tried, 10 ms to
     * 1 h. Default: 30 s; it begins with half a second.
     */
    public Builder circuitMaxOpen(Duration longest) {
      options.circuitMaxOpen = longest;
      return this;
    }

    /**
     * Sets whether to listen for notifications, on PostgreSQL; holds one connection. Default: on.
     * Switch it off behind a pooler in transaction mode.
     */
    public Builder notifications(boolean on) {
      options.notifications = on;
      return this;
    }

    /** Sets how long {@link Relay#close()} waits for the publisher, 0 to 1 h. Default: 30 s. */
    public Builder closeWait(Duration wait) {
      options.closeWait = wait;
      return this;
    }

    /** Adds a listener. Default: none. */
    public Builder listener(RelayListener listener) {
      options.listener(listener);
      return this;
    }

    /**
     * Checks options, database and schema, and starts the relay.
     *
     * @throws io.inbox.error.ConfigurationException if an option or a setting of the database
     *     breaks a promise
     * @throws io.inbox.error.SchemaException if the schema is missing, too old or too new
     * @throws io.inbox.error.RetryLaterException if the database cannot be reached
     */
    public Relay start() {
      return new Relay(RelayEngine.start(options));
    }
  }
}
