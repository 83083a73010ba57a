package io.inbox.model;

import java.util.Optional;

/**
 * A protocol as steps over a small state. A state is an array of bytes, so that millions fit into
 * memory; what each byte means is the model's business.
 *
 * @param <I> the names of what must hold
 */
interface Model<I extends Enum<I>> {
  /** Where every interleaving begins. */
  byte[] start();

  /** Hands over every state that one step leads to. The state handed in must not change. */
  void steps(byte[] state, Steps steps);

  /** Returns what a state breaks. */
  Optional<I> broken(byte[] state);

  /** Returns what a state breaks from which no step leads on. */
  Optional<I> brokenAtEnd(byte[] state);

  /** What an interleaving breaks that can go on for ever. */
  I endless();

  /** Takes the steps of a state. */
  @FunctionalInterface
  interface Steps {
    /**
     * Takes one.
     *
     * @param who the number of the actor
     */
    void to(int who, String what, byte[] next);
  }
}
