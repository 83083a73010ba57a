package io.inbox.torture.wire;

/** What a handler is to do wrong with one delivery. */
public enum Instruction {
  /** Nothing. */
  NONE,

  /** It throws after its writes. */
  THROW,

  /** A statement of it fails and it goes on as if nothing had happened. */
  SWALLOW,

  /** It overflows its stack. */
  ERROR,

  /** It says that it is out of memory. */
  OUT_OF_MEMORY,

  /** It tries to commit, to roll back and to close. */
  MISUSE,

  /** It loses a race, by the database's own error. */
  SERIALIZATION,

  /** It takes its time, with all its locks held. */
  SLOW
}
