package io.inbox.torture.worker;

import io.inbox.torture.plan.Mode;

/** Handles single messages by queries that go with their claim. */
public class QueriesWiring extends Wiring {
  /** Creates one. */
  public QueriesWiring() {}

  @Override
  public final Mode mode() {
    return Mode.QUERIES;
  }
}
