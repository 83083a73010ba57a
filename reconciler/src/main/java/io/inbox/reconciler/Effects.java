package io.inbox.reconciler;

import io.inbox.error.ConfigurationException;
import io.inbox.reconciler.internal.pair.EffectOrigin;
import io.inbox.reconciler.internal.pair.NamedQuery;
import io.inbox.reconciler.internal.pair.SelectOrigin;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Where the effects are that a {@link PairCheck} compares with what was handled. Immutable.
 *
 * <p>A SELECT returns a row for each effect. Its column {@code key} is the message id, or the
 * subject, that caused the effect; {@code tenant} and {@code source} may stand beside it where the
 * key is unique only with them. Further columns are compared with what the inbox has under the same
 * name: {@code subject}, {@code correlation_id}, {@code fingerprint}, {@code result}, {@code
 * result_signature}. It is bounded by the named parameters {@code :from} and {@code :to}, on the
 * time of the effect.
 */
public final class Effects {
  private final EffectOrigin origin;

  private Effects(EffectOrigin origin) {
    this.origin = origin;
  }

  /**
   * Returns the effects that a SELECT returns in the database of the inbox.
   *
   * @throws ConfigurationException if it is no SELECT, or lacks {@code :from} or {@code :to}
   */
  public static Effects select(String query) {
    return new Effects(new SelectOrigin(null, NamedQuery.of(query)));
  }

  /**
   * Returns the effects that a SELECT returns in another database, PostgreSQL or H2.
   *
   * @throws ConfigurationException if it is no SELECT, or lacks {@code :from} or {@code :to}
   */
  public static Effects select(@Nullable DataSource elsewhere, String query) {
    if (elsewhere == null) {
      throw new ConfigurationException(
          "IBX-303", "the DataSource of the effects is null (hand in the pool of their database)");
    }
    return new Effects(new SelectOrigin(elsewhere, NamedQuery.of(query)));
  }

  EffectOrigin origin() {
    return origin;
  }
}
