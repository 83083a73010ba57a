package io.inbox.torture.worker;

import io.inbox.reconciler.spi.Check;
import io.inbox.torture.plan.Mode;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Recognises messages by their positions. */
public class WatermarksWiring extends Wiring {
  /** Creates one. */
  public WatermarksWiring() {}

  @Override
  public final Mode mode() {
    return Mode.WATERMARKS;
  }

  /** There are no rows of messages that could be compared with anything. */
  @Override
  public final List<Check> checks(@Nullable Duration reach) {
    return List.of();
  }
}
