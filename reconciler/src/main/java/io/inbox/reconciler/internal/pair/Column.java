package io.inbox.reconciler.internal.pair;

import java.sql.Types;
import java.util.Locale;
import java.util.Set;

/**
 * A column of one side's SELECT.
 *
 * @param label its name in lower case
 * @param type one of {@link Types}
 * @param isText whether it can be taken as it is
 */
record Column(String label, int type, boolean isText) {
  private static final Set<String> TEXTS = Set.of("text", "varchar", "character varying");

  /** A column of text, as the inbox has them. */
  static Column text(String label) {
    return new Column(label, Types.VARCHAR, true);
  }

  static Column bytes(String label) {
    return new Column(label, Types.VARBINARY, false);
  }

  /**
   * A column as a database describes it. Drivers call much a text that is none, such as
   * PostgreSQL's enumerations.
   */
  static Column described(String label, int type, String typeName) {
    return new Column(label, type, TEXTS.contains(typeName.toLowerCase(Locale.ROOT)));
  }

  boolean isBytes() {
    return switch (type) {
      case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY, Types.BLOB -> true;
      default -> false;
    };
  }
}
