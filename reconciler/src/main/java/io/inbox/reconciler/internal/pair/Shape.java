package io.inbox.reconciler.internal.pair;

import java.util.List;

/**
 * What the two sides of a check have in common.
 *
 * @param bySubject whether the key is the subject, of which the latest handling counts; else it is
 *     the message id
 * @param tenant whether the tenant is part of the key
 * @param source whether the source is part of the key
 * @param values what is compared beside the key
 */
record Shape(boolean bySubject, boolean tenant, boolean source, List<Value> values) {
  Shape {
    values = List.copyOf(values);
  }

  boolean ofResult() {
    return values.stream().anyMatch(Value::isOfResult);
  }

  /** How many columns a row has beside the key. */
  int beside() {
    return (tenant ? 1 : 0) + (source ? 1 : 0) + values.size();
  }
}
