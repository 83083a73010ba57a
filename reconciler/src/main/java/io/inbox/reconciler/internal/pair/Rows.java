package io.inbox.reconciler.internal.pair;

import java.io.IOException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Rows of one side, in the order of their buckets and, within one, of their keys. */
interface Rows extends AutoCloseable {
  /** Returns the next row, null at the end. */
  @Nullable Row next() throws Exception;

  @Override
  void close() throws IOException, SQLException;
}
