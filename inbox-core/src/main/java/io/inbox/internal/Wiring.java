package io.inbox.internal;

import io.inbox.DuplicatePolicy;
import io.inbox.Fingerprint;
import io.inbox.Message;
import io.inbox.MessageKey;
import io.inbox.RetryPolicy;
import io.inbox.error.InvalidMessageException;
import io.inbox.error.UsageException;
import io.inbox.internal.outbox.OutboxWriter;
import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.ClaimRequest;
import io.inbox.spi.Claims;
import io.inbox.spi.InboxListener;
import io.inbox.spi.Store;
import io.inbox.spi.Transactions;
import io.inbox.spi.UnitOfWork;
import io.inbox.spi.Watermarks;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts one inbox works with, fixed when it is built. */
public final class Wiring {
  /** How long the second and later claims of a split batch wait: the first one waited in full. */
  private static final Duration SHORT_WAIT = Duration.ofMillis(50);

  private static final long PREPARE_NANOS = Duration.ofHours(1).toNanos();
  private static final Logger LOG = LoggerFactory.getLogger("io.inbox.Inbox");

  final Store store;
  final Transactions transactions;
  final ClaimPolicy policy;
  final Claims claims;
  final Claims hastyClaims;
  final Watermarks watermarks;
  final RetryPolicy retry;
  final DuplicatePolicy duplicates;
  final List<InboxListener> listeners;
  final OutboxWriter outbox;

  /** When the buckets were made ready, on the clock of {@link System#nanoTime}. */
  private final AtomicLong prepared = new AtomicLong(System.nanoTime());

  private final @Nullable Fingerprint fingerprint;
  private final boolean multiTenant;
  private final int maxPayloadBytes;

  /**
   * Copies the options of a builder that has validated them.
   *
   * @param database its identity, as the store reported it
   */
  public Wiring(Options options, String database) {
    this.store = options.store;
    this.transactions = options.transactions;
    this.policy = options.policy();
    this.claims = store.claims(policy);
    Duration hasty = policy.maxWait().compareTo(SHORT_WAIT) < 0 ? policy.maxWait() : SHORT_WAIT;
    this.hastyClaims = store.claims(policy.maxWait(hasty));
    this.watermarks = store.watermarks(policy);
    this.retry = options.retry;
    this.duplicates = options.duplicates;
    this.listeners = List.copyOf(options.listeners);
    this.fingerprint = options.fingerprint;
    this.multiTenant = options.multiTenant;
    this.maxPayloadBytes = options.maxPayloadBytes;
    this.outbox = new OutboxWriter(store, transactions, options.outbox, database);
  }

  /**
   * Returns what to claim for a message; checks everything that can be checked without the
   * database.
   */
  ClaimRequest request(@Nullable Message message) {
    ClaimRequest request = unchecked(message);
    @Nullable InvalidMessageException refusal = refusal(request);
    if (refusal != null) {
      throw refusal;
    }
    return request;
  }

  /**
   * Returns what to claim for a message whatever its time: somebody has decided that it is not too
   * old.
   *
   * @param timed the message with its time
   * @param timeless the same without it
   */
  ClaimRequest unbounded(Message timed, Message timeless) {
    ClaimRequest request = unchecked(timeless);
    @Nullable InvalidMessageException refusal = refusal(timeless);
    if (refusal != null) {
      throw refusal;
    }
    return new ClaimRequest(request.key(), timeless, request.fingerprint(), keyTime(timed), false);
  }

  /** Returns what to claim for a message whose limits are checked apart. */
  ClaimRequest unchecked(@Nullable Message message) {
    if (message == null) {
      throw new InvalidMessageException("IBX-138", "the message is null");
    }
    if (multiTenant && message.tenant().isEmpty()) {
      throw new InvalidMessageException(
          "IBX-110",
          "message "
              + message.id()
              + " names no tenant, but this inbox is multi-tenant (set Message.Builder.tenant)");
    }
    MessageKey key = MessageKey.of(message, policy.consumer());
    return new ClaimRequest(
        key, message, fingerprint == null ? null : fingerprint.of(message), keyTime(message), true);
  }

  private @Nullable Instant keyTime(Message message) {
    try {
      return timeOf(message);
    } catch (RuntimeException e) {
      return null; // its refusal says why
    }
  }

  private @Nullable Instant timeOf(Message message) {
    return policy.buckets() == null
        ? null
        : MessageLimits.time(policy.buckets().timeOf(message).orElse(null));
  }

  /** Returns why a message cannot be claimed here, null if it can. */
  @Nullable InvalidMessageException refusal(ClaimRequest request) {
    if (policy.buckets() == null || request.keyTime() != null) {
      return refusal(request.message());
    }
    @Nullable RuntimeException thrown = null;
    try {
      timeOf(request.message());
    } catch (RuntimeException e) {
      thrown = e;
    }
    String refused =
        "the key of message "
            + request.message().id()
            + " carries no time, but the keys of consumer "
            + policy.consumer()
            + " are kept in buckets by "
            + policy.buckets().kind()
            + (thrown == null ? "" : ": " + Letters.describe(thrown))
            + " (have the producer send such keys, or give these messages to a consumer without buckets)";
    return thrown == null
        ? new InvalidMessageException("IBX-134", refused)
        : new InvalidMessageException("IBX-134", refused, thrown);
  }

  /** Throws where keys must not be written into the plain partition. */
  public void refuseBuckets() {
    if (policy.buckets() != null) {
      throw new UsageException(
          "IBX-316",
          "the keys of consumer "
              + policy.consumer()
              + " are kept in buckets, where keys from elsewhere cannot be recorded (do it with an inbox without buckets, before the consumer moves)");
    }
  }

  /** Makes the buckets of the days ahead, now and then, in a transaction of its own. */
  void prepareBuckets() {
    if (policy.buckets() == null) {
      return;
    }
    long now = System.nanoTime();
    long last = prepared.get();
    if (now - last < PREPARE_NANOS || !prepared.compareAndSet(last, now)) {
      return;
    }
    try {
      transactions.inTransaction(
          unit -> {
            store.prepare(unit.connection(), policy);
            return policy;
          });
    } catch (Exception e) { // they are made a week ahead, so there is time to try again
      LOG.warn("The buckets of the days ahead could not be made, consumer {}", consumer(), e);
    }
  }

  /** Returns why a message breaks a limit of this inbox, null if it does not. */
  @Nullable InvalidMessageException refusal(Message message) {
    if (message.payload().length <= maxPayloadBytes) {
      return null;
    }
    return new InvalidMessageException(
        "IBX-131",
        "payload of message "
            + message.id()
            + " has "
            + message.payload().length
            + " bytes > "
            + maxPayloadBytes
            + " (send a reference to it instead, or raise Inbox.Builder.maxPayloadBytes)");
  }

  /**
   * Returns how long to wait after a delivery that was not counted as an attempt: longer the more
   * often the broker delivered it, so that an outage does not use up its deliveries.
   */
  Duration backoff(Message message) {
    return retry.backoff(Math.max(1, message.deliveryCount()));
  }

  /** Does what the policy asks for when a message was handled before. */
  void duplicate(UnitOfWork unit, MessageKey key) throws SQLException {
    if (duplicates == DuplicatePolicy.SEND_OUTBOX_AGAIN) {
      outbox.sendAgain(unit, key);
    }
  }

  /** Returns the consumer if its duplicates send its outbox messages again, null if not. */
  @Nullable String keepsOutbox() {
    return duplicates == DuplicatePolicy.SEND_OUTBOX_AGAIN ? policy.consumer() : null;
  }

  /** Throws if the outbox has another number of slots than was declared. */
  public void checkOutbox(Options options) {
    if (options.outbox.slots() != 0) {
      outbox.checkSlots();
    }
  }

  /** Ends what runs beside the deliveries. */
  public void close() {
    outbox.close();
  }

  /** Returns the consumer's name. */
  public String consumer() {
    return policy.consumer();
  }

  /** Returns where the tables are, as text. */
  public String tables() {
    return store.tables().toString();
  }

  /**
   * Returns whether a message was delivered so often, without an end, that it must be assumed to
   * kill the process.
   */
  boolean deliveriesExhausted(Message message) {
    return retry.maxDeliveries() > 0 && message.deliveryCount() > retry.maxDeliveries();
  }
}
