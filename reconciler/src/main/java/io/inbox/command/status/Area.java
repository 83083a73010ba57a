package io.inbox.command.status;

import io.inbox.command.output.Block;
import io.inbox.command.output.Metrics;

/** One part of the state, read from the database already. */
interface Area {
  /** Adds what people and programs read. */
  void show(Block block);

  /** Adds the samples. */
  void measure(Metrics metrics);

  /** Adds what a person should look at. */
  void attend(Attention attention);
}
