package io.inbox.internal;

import io.inbox.Reason;
import io.inbox.error.RetryLaterException;
import io.inbox.error.UsageException;
import io.inbox.spi.SqlError;
import io.inbox.spi.WatermarkKey;
import io.inbox.spi.Watermarks;
import io.inbox.spi.Watermarks.Mark;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an owner knows about its watermark: its epoch, and the position that it has seen committed.
 * The position only grows; what the database says decides.
 */
public final class OwnedMark {
  private static final Logger LOG = LoggerFactory.getLogger("io.inbox.Inbox");

  private final WatermarkKey key;
  private final long epoch;
  private final AtomicBoolean busy = new AtomicBoolean();
  private volatile long position;
  private volatile boolean fenced;

  /** The position whose handler has failed, {@link Watermarks#NONE} if none is known to have. */
  private long failing = Watermarks.NONE;

  private OwnedMark(WatermarkKey key, Mark taken) {
    this.key = key;
    this.epoch = taken.epoch();
    this.position = taken.position();
  }

  /** Takes a watermark over, in a transaction of its own. */
  public static OwnedMark takeOver(Wiring wiring, WatermarkKey key) {
    Mark taken =
        OwnTransaction.run(
            wiring,
            key.tenant(),
            unit -> {
              try {
                return wiring.watermarks.takeOver(unit.connection(), key);
              } catch (SQLException e) {
                throw SqlError.of(e) == SqlError.LOCK_TIMEOUT ? held(wiring, key, e) : e;
              }
            });
    LOG.info("{} is taken over at position {}, epoch {}", key, taken.position(), taken.epoch());
    return new OwnedMark(key, taken);
  }

  private static RetryLaterException held(Wiring wiring, WatermarkKey key, Exception cause) {
    return new RetryLaterException(
        "IBX-326",
        "a transaction of another owner holds the watermark "
            + key
            + " and did not end within "
            + wiring.policy.maxWait()
            + " (try again; the database ends it when its connection is gone)",
        cause);
  }

  public WatermarkKey key() {
    return key;
  }

  public long epoch() {
    return epoch;
  }

  public long position() {
    return position;
  }

  public boolean fenced() {
    return fenced;
  }

  /** Returns what to compare with, for a move from a position. */
  Mark at(long known) {
    return new Mark(epoch, known);
  }

  /** Remembers what was committed. */
  void reached(long committed) {
    position = Math.max(position, committed);
  }

  /** Returns whether another owner has it, or it went back behind what was committed once. */
  boolean superseded(Optional<Mark> now) {
    boolean superseded =
        now.isEmpty() || now.get().epoch() != epoch || now.get().position() < position;
    if (superseded && !fenced) {
      fenced = true;
      LOG.warn(
          "{} is not owned here any more ({}): epoch {} and position {} here, {} in the database",
          key,
          Reason.FENCED,
          epoch,
          position,
          now.map(Mark::toString).orElse("no row"));
    }
    return superseded;
  }

  void failed(long at) {
    failing = at;
  }

  long failing() {
    return failing;
  }

  /** Positions are handed in one after the other, so two callers at once cannot both be right. */
  void enter() {
    if (!busy.compareAndSet(false, true)) {
      throw new UsageException(
          "IBX-314",
          "two threads use the watermark "
              + key
              + " at once: which of them comes first would be left to chance (let one thread hand in a partition's messages)");
    }
  }

  void exit() {
    busy.set(false);
  }
}
