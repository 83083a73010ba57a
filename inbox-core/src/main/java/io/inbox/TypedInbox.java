package io.inbox;

import io.inbox.internal.SingleDelivery;
import io.inbox.internal.Wiring;
import io.inbox.spi.Codec;
import org.jspecify.annotations.Nullable;

/**
 * An inbox whose handlers take a decoded payload and may return a result. A view of its {@link
 * Inbox}: same consumer, same keys. Thread-safe.
 *
 * @param <P> the payload's type
 * @param <R> the result's type
 */
public final class TypedInbox<P, R> {
  private final Inbox inbox;
  private final Wiring wiring;
  private final Codec<P> payload;
  private final @Nullable Codec<R> result;

  TypedInbox(Inbox inbox, Wiring wiring, Codec<P> payload, @Nullable Codec<R> result) {
    this.inbox = inbox;
    this.wiring = wiring;
    this.payload = payload;
    this.result = result;
  }

  /**
   * Returns this inbox for handlers that return a result, which is stored with its signature in the
   * same transaction. Costs one INSERT for each first delivery; duplicates get it under {@link
   * DuplicatePolicy#RETURN_FIRST_RESULT}.
   *
   * @param <S> the result's type
   */
  public <S> TypedInbox<P, S> returning(Codec<S> codec) {
    return new TypedInbox<>(inbox, wiring, payload, codec);
  }

  /**
   * Handles a message as {@link Inbox#process} does. A payload that cannot be decoded is a failed
   * attempt.
   *
   * @return what happened, with the result of this or, for a duplicate, of the first handling
   */
  public Outcome<R> process(Message message, Handler<P, R> handler) {
    Inbox.requireHandler(handler);
    if (result == null) {
      @SuppressWarnings("unchecked") // there is no result, so R is Void
      Outcome<R> outcome =
          (Outcome<R>)
              (Outcome<?>)
                  inbox.process(
                      message, tx -> handler.handle(payload.decode(message.payload()), tx));
      return outcome;
    }
    return SingleDelivery.of(
        wiring, message, tx -> handler.handle(payload.decode(message.payload()), tx), result);
  }

  /**
   * A {@link io.inbox.Handler} of a decoded payload that may return a result.
   *
   * @param <P> the payload's type
   * @param <R> the result's type
   */
  @FunctionalInterface
  public interface Handler<P, R> {
    /**
     * Handles the payload under the rules of {@link io.inbox.Handler#handle}.
     *
     * @param payload the decoded payload
     * @param tx the transaction
     * @return the result, or null for none
     * @throws Exception to roll everything back
     */
    @Nullable R handle(P payload, Transaction tx) throws Exception;
  }
}
