package io.inbox.benchmarks;

/**
 * How much is measured.
 *
 * @param messages of a backlog; some are ten times as long, those of peers a fifth
 * @param rounds of draining; half as many for what takes long
 * @param sliceMillis how long appenders take turns
 * @param samples of delivery
 * @param idleSeconds how long an idle relay is watched
 */
record OutboxEffort(int messages, int rounds, int sliceMillis, int samples, int idleSeconds) {
  static OutboxEffort of(int messages, int rounds) {
    return new OutboxEffort(messages, rounds, 500, 100 * rounds, 6 * rounds);
  }

  int fewRounds() {
    return (rounds + 1) / 2;
  }
}
