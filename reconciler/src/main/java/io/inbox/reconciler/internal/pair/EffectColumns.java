package io.inbox.reconciler.internal.pair;

import io.inbox.error.ConfigurationException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads from the names of the effects' columns what can be compared. */
final class EffectColumns {
  private EffectColumns() {}

  /**
   * Returns the shape of a check whose effects have these columns.
   *
   * @throws ConfigurationException naming the column that is missing, unknown or there twice
   */
  static Shape shape(PairPlan plan, List<String> labels) {
    Set<String> seen = new HashSet<>();
    List<Value> values = new ArrayList<>();
    for (String label : labels) {
      if (!seen.add(label)) {
        throw wrong("have the column " + label + " twice");
      }
      if (!label.equals("key") && !label.equals("tenant") && !label.equals("source")) {
        values.add(value(plan, label));
      }
    }
    if (!seen.contains("key")) {
      throw wrong(
          "have no column named key (write SELECT "
              + (plan.bySubject ? "order_id" : "message_id")
              + " AS \"key\")");
    }
    return new Shape(plan.bySubject, seen.contains("tenant"), seen.contains("source"), values);
  }

  private static Value value(PairPlan plan, String label) {
    Value value =
        Value.of(label)
            .orElseThrow(
                () ->
                    wrong(
                        "have a column "
                            + label
                            + ", there are only key, tenant, source, "
                            + String.join(", ", Value.labels())));
    if (plan.bySubject && value == Value.SUBJECT) {
      throw wrong("have a column subject beside the key, which is the subject");
    }
    return value;
  }

  private static ConfigurationException wrong(String what) {
    return new ConfigurationException("IBX-613", "the effects " + what);
  }
}
