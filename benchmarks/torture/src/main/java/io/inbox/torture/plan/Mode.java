package io.inbox.torture.plan;

/** The ways in which a consumer can be told to recognise what it has handled. */
public enum Mode {
  /** By a row for each key, each delivery or batch in a transaction of its own. */
  KEYS,

  /** By a row for each key, in a partition for each day. */
  BUCKETS,

  /** As {@link #KEYS}, in transactions that concurrent deliveries share. */
  SHARED,

  /** As {@link #KEYS}, by handlers that are nothing but queries. */
  QUERIES,

  /** By the position in an ordered stream. */
  WATERMARKS;

  /** Returns whether messages come in an order, to one reader at a time. */
  public boolean ordered() {
    return this == WATERMARKS;
  }
}
