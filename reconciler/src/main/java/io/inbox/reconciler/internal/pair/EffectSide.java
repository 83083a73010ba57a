package io.inbox.reconciler.internal.pair;

import io.inbox.reconciler.internal.Session;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The effects of one run. */
interface EffectSide extends AutoCloseable {
  /** Returns what the effects can be compared by. */
  Shape shape();

  /** Returns whether one commit writes both the key and the effect. */
  boolean isWhereTheInboxIs();

  /** Returns whether effects outside of the bounds of the check can be asked for. */
  boolean canLookFurther();

  /** Returns whether both sides can be hashed by their servers. */
  boolean agreesWith(ServerSql inbox, String probe);

  /** Returns the side to be compared, hashed like this. */
  Side side(Hashing hashing);

  /**
   * Returns the effects of some keys.
   *
   * @param snapshot the session to ask on, where the effects are where the inbox is; else null
   */
  Map<ItemKey, Tally> find(@Nullable Session snapshot, Bounds bounds, Collection<ItemKey> keys)
      throws Exception;

  @Override
  void close() throws IOException;
}
