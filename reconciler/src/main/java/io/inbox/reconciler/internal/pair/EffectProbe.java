package io.inbox.reconciler.internal.pair;

import io.inbox.reconciler.internal.Session;
import io.inbox.spi.Store;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Asks one pair check about one key, outside of a run. Reads what is committed, on connections of
 * its own: whoever has locked the key meanwhile sees the same.
 */
public final class EffectProbe {
  private final Store store;
  private final DataSource dataSource;

  public EffectProbe(Store store, DataSource dataSource) {
    this.store = store;
    this.dataSource = dataSource;
  }

  /**
   * What a check says about a key.
   *
   * @param fault the kind of finding, null where both sides agree
   * @param effects how many effects there are
   * @param values what the first of them has beside the key, by the names of the columns
   */
  public record Answer(@Nullable String fault, int effects, Map<String, String> values) {}

  /**
   * Asks a check about what a finding of it, or a key, is about.
   *
   * @param now the time of the database's clock
   * @return empty where the effects cannot be looked up, as in a file of some days
   */
  public Optional<Answer> ask(PairPlan plan, Instant now, String item, String tenant, String source)
      throws Exception {
    ProbeRun run = new ProbeRun(store, dataSource, now);
    try (EffectSide effects = plan.effects.open(run, plan)) {
      if (!effects.canLookFurther()) {
        return Optional.empty();
      }
      Shape shape = effects.shape();
      ServerSql server;
      try (Session session = Session.open(dataSource)) {
        server = ServerSql.of(session.connection());
      }
      ItemKey key = new ItemKey(item, shape.tenant() ? tenant : "", shape.source() ? source : "");
      InboxSide inbox = new InboxSide(run, plan, shape, server);
      Evidence evidence =
          Objects.requireNonNull(
              new SecondLook(run, plan, inbox, effects).findings(List.of(key)).get(key));
      @Nullable Drift drift = evidence.drift();
      return Optional.of(
          new Answer(
              drift == null ? null : drift.name(),
              evidence.effect().count(),
              values(shape, evidence.effect())));
    }
  }

  private static Map<String, String> values(Shape shape, Tally effect) {
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < shape.values().size() && effect.count() > 0; i++) {
      @Nullable String value = effect.values().get(0).get(i);
      if (value != null) {
        values.put(shape.values().get(i).label(), value);
      }
    }
    return values;
  }
}
