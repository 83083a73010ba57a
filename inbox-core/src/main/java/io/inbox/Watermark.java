package io.inbox;

import io.inbox.error.InvalidMessageException;
import io.inbox.internal.MarkedDelivery;
import io.inbox.internal.OwnedMark;
import io.inbox.internal.Wiring;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One partition of an ordered stream, owned by this process: handles each message once per
 * position, with one row for the whole partition instead of one for each message.
 *
 * <p>The row holds the highest position handled, the watermark. It moves in the transaction of the
 * handler's writes, so both commit or neither. A message at or behind it was handled before: {@link
 * Outcome.OutsideWindow} with {@link Reason#BEHIND_WATERMARK}, to be acknowledged. Positions only
 * have to grow; gaps are fine. What is recognised is the position, not the id: a message that its
 * producer sent twice has two positions and is handled twice.
 *
 * <p>{@link Inbox#takeOver} gives every owner an epoch of its own. Once there is a newer one, this
 * one changes nothing any more, whatever it was doing: it answers {@link Outcome.InFlight} with
 * {@link Reason#FENCED}. So two owners never both move a watermark, and after a take-over {@link
 * #position} stands still for everybody else.
 *
 * <p>The messages of a partition must be handed in by ascending position, without leaving one out
 * that must be handled: what is passed counts as handled. Not for use by two threads at once, which
 * is refused. Holds no connection between calls, and needs no closing.
 */
public final class Watermark {
  private final Wiring wiring;
  private final OwnedMark mark;

  Watermark(Wiring wiring, OwnedMark mark) {
    this.wiring = wiring;
    this.mark = mark;
  }

  /**
   * A message and its place in the partition.
   *
   * @param position zero or more, at most {@code Long.MAX_VALUE - 1}; ascending, gaps are fine
   * @param message the message; its id names it in outcomes and dead letters, and nothing else
   */
  public record Positioned(long position, Message message) {
    /**
     * Validates the position.
     *
     * @throws InvalidMessageException if it is out of range
     */
    public Positioned {
      requirePosition(position);
    }
  }

  /**
   * Handles a message in a transaction of its own, if it lies beyond the watermark.
   *
   * <p>As {@link #processBatch} does with one message; rules and exceptions are those of {@link
   * Inbox#process}.
   *
   * @return what happened; acknowledge the delivery if {@link Outcome#acknowledge()} says so
   */
  public Outcome<Void> process(long position, Message message, Handler handler) {
    Inbox.requireHandler(handler);
    return processBatch(
            List.of(new Positioned(position, message)), (fresh, tx) -> handler.handle(tx))
        .get(0);
  }

  /**
   * Handles the messages that lie beyond the watermark in one transaction: one statement that moves
   * it, one commit.
   *
   * <p>When the handler fails, everything is rolled back and the batch is halved until the failing
   * message stands alone. Those before it commit; it is {@link Outcome.Failed}; those behind it are
   * {@link Outcome.InFlight} with {@link Reason#BEHIND_ANOTHER}, and the watermark stays before it.
   * After the last attempt it becomes a dead letter and the watermark passes it, in one
   * transaction. A message that breaks a limit of the inbox is {@link Outcome.Failed} with {@link
   * Reason#INVALID}, and stops the watermark until {@link #setAside} passes it.
   *
   * <p>Takes one connection and blocks until the last transaction ended. Waits for another owner's
   * transaction no longer than {@link Inbox.Builder#wait}; then all are {@link Reason#BUSY}. The
   * message time, fingerprints and results play no part.
   *
   * @param batch at most 10,000, by strictly ascending position, of the watermark's tenant; may be
   *     empty
   * @param handler gets the messages beyond the watermark, in their order
   * @return one outcome for each message, in the same order
   * @throws InvalidMessageException if positions do not ascend or a tenant is another; nothing was
   *     written. Other exceptions are those of {@link Inbox#process}
   * @throws io.inbox.error.UsageException if another thread uses this watermark now
   */
  public List<Outcome<Void>> processBatch(List<Positioned> batch, BatchHandler handler) {
    Inbox.requireHandler(handler);
    return MarkedDelivery.of(wiring, mark, batch, handler);
  }

  /**
   * Stores what cannot become a message as a dead letter, as {@link DeadLetters#storeWithoutId}
   * does, and passes its position, in one transaction of its own.
   *
   * @param headers what is known about it; cut where there is too much
   * @param error why it cannot be used
   * @return {@link Outcome.DeadLettered} with {@link Reason#NO_USABLE_ID}; or, with nothing stored,
   *     that it lies behind the watermark, or cannot be decided here
   * @throws io.inbox.error.RetryLaterException if the database cannot be used now
   */
  public Outcome<Void> setAside(
      long position, Map<String, String> headers, byte @Nullable [] payload, String error) {
    requirePosition(position);
    Objects.requireNonNull(headers, "headers");
    Objects.requireNonNull(error, "error");
    return MarkedDelivery.setAside(wiring, mark, position, headers, payload, error);
  }

  /**
   * Returns the highest position that this owner has seen committed; empty before the first. Right
   * after the take-over it is where to go on: read from the position behind it.
   */
  public OptionalLong position() {
    return mark.position() < 0 ? OptionalLong.empty() : OptionalLong.of(mark.position());
  }

  /** Returns the epoch of this owner: how often the watermark was taken over. */
  public long epoch() {
    return mark.epoch();
  }

  /**
   * Returns whether this owner has found out that it is none any more. If the source still gives it
   * the partition, take it over again and go on behind its position.
   */
  public boolean fenced() {
    return mark.fenced();
  }

  /** Returns tenant, consumer, stream and partition, with epoch and position: for logs. */
  @Override
  public String toString() {
    return mark.key() + "[epoch=" + mark.epoch() + ", position=" + mark.position() + "]";
  }

  private static void requirePosition(long position) {
    if (position < 0 || position == Long.MAX_VALUE) {
      throw new InvalidMessageException(
          "IBX-115",
          "position is "
              + position
              + ", it must be 0 to "
              + (Long.MAX_VALUE - 1)
              + " (the source's own number of the message, such as its offset)");
    }
  }
}
