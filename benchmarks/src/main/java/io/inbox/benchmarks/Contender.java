package io.inbox.benchmarks;

/** One way to do the work that is compared. Used by all threads at once. */
interface Contender {
  /** Returns the name in tables and results. */
  String label();

  /** Handles the next messages in one transaction; returns how many. */
  int handle(Feed.Lane lane) throws Exception;
}
