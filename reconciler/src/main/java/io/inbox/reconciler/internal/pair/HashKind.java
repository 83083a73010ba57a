package io.inbox.reconciler.internal.pair;

/** How keys are hashed; both sides of a check must do it alike. */
enum HashKind {
  /** By PostgreSQL's own hash of a text, where both sides are PostgreSQL and agree on it. */
  SERVER,

  /** By the first half of the first half of SHA-256, which every database and Java can compute. */
  DIGEST
}
