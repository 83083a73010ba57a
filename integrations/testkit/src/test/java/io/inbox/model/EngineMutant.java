package io.inbox.model;

/** Ways to put a wrong store under the engine. */
enum EngineMutant {
  NONE,
  /** A SELECT tells who is first; no unique index does. */
  SELECT_CLAIMS,
  /** A lost connection is not reported by COMMIT. */
  DOUBT_IS_COMMIT,
  /** The guard lets every transaction pass. */
  NO_GUARD
}
