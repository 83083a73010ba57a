package io.inbox.reconciler.internal.pair;

import io.inbox.reconciler.spi.CheckRun;
import io.inbox.reconciler.spi.EffectSource;
import java.util.List;

/** Effects that come from whatever gives them in any order. */
public final class SourceOrigin implements EffectOrigin {
  private final EffectSource source;

  public SourceOrigin(EffectSource source) {
    this.source = source;
  }

  @Override
  public EffectSide open(CheckRun run, PairPlan plan) {
    List<String> columns = List.copyOf(source.columns());
    return new SourceEffects(run, source, columns, EffectColumns.shape(plan, columns));
  }
}
