package io.inbox.reconciler.spi;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Effects, one after another. Used by one thread, closed by the one who opened it. */
public interface EffectStream extends AutoCloseable {
  /**
   * Returns the next effect in the order of {@link EffectSource#columns}, null at the end.
   *
   * @throws Exception when the source cannot be read on
   */
  @Nullable List<@Nullable String> next() throws Exception;

  @Override
  void close() throws IOException;
}
