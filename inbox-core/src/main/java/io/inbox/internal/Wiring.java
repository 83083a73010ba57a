package io.inbox.internal;

import io.inbox.DuplicatePolicy;
import io.inbox.Fingerprint;
import io.inbox.Message;
import io.inbox.MessageKey;
import io.inbox.RetryPolicy;
import io.inbox.error.InvalidMessageException;
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
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The parts one inbox works with, fixed when it is built. */
public final class Wiring {
  /** How long the second and later claims of a split batch wait: the first one waited in full. */
  private static final Duration SHORT_WAIT = Duration.ofMillis(50);

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
    this.hastyClaims =
        store.claims(new ClaimPolicy(policy.consumer(), policy.window(), policy.maxAhead(), hasty));
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
    @Nullable InvalidMessageException refusal = refusal(request.message());
    if (refusal != null) {
      throw refusal;
    }
    return request;
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
    MessageKey key =
        new MessageKey(message.tenant(), policy.consumer(), message.source(), message.id());
    return new ClaimRequest(key, message, fingerprint == null ? null : fingerprint.of(message));
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
