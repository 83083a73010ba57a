package io.inbox.benchmarks;

/** Takes what a relay hands over, in place of a broker. Thread-safe; must not block. */
interface Sink {
  /**
   * Is told of each batch when it is handed over.
   *
   * @param messages how many
   * @param bytes the length of their payloads together, so that nobody can skip reading them
   */
  void published(int messages, long bytes);
}
