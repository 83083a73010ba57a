package io.inbox.reconciler.internal.pair;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the inbox knows beside the key, and an effect can be compared with. */
public enum Value {
  SUBJECT("m", "subject", false),
  CORRELATION_ID("m", "correlation_id", false),
  FINGERPRINT("m", "fingerprint", true),
  RESULT("r", "result", true),
  RESULT_SIGNATURE("r", "signature", true);

  private final String table;
  private final String column;
  private final boolean bytes;

  Value(String table, String column, boolean bytes) {
    this.table = table;
    this.column = column;
    this.bytes = bytes;
  }

  /** Returns the column in the inbox's SELECT, where m is the message and r its result. */
  String expression() {
    return table + ".\"" + column + "\"";
  }

  boolean isBytes() {
    return bytes;
  }

  boolean isOfResult() {
    return table.equals("r");
  }

  /** Returns the name that a column of the effects has. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<Value> of(String label) {
    return Arrays.stream(values()).filter(it -> it.label().equals(label)).findFirst();
  }

  public static List<String> labels() {
    return Arrays.stream(values()).map(Value::label).toList();
  }
}
