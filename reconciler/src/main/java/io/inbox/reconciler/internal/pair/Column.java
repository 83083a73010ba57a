package io.inbox.reconciler.internal.pair;

import java.sql.Types;

/**
 * A column of one side's SELECT.
 *
 * @param label its name in lower case
 * @param type one of {@link Types}
 */
record Column(String label, int type) {
  boolean isBytes() {
    return switch (type) {
      case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY, Types.BLOB -> true;
      default -> false;
    };
  }

  boolean isText() {
    return switch (type) {
      case Types.VARCHAR, Types.LONGVARCHAR -> true;
      default -> false;
    };
  }
}
