package io.inbox.benchmarks;

import java.util.List;
import java.util.Map;

/** An outbox and what drains it: the library's, one written by hand, a peer's. */
interface OutboxContender extends AutoCloseable {
  /** Returns the name in tables and results. */
  String label();

  /** Returns what was set, for the reader of the figures. */
  Map<String, String> settings();

  /** Returns the tables a backlog lies in, with their schema. */
  List<String> tables();

  /** Throws away what the tables hold and commits a {@link Backlog} of so many messages. */
  void fill(int messages) throws Exception;

  /** Starts what drains, on an outbox that nothing drains. */
  Running start(Sink sink) throws Exception;

  /** Returns how many committed messages are still to be handed over. */
  long left() throws Exception;

  /** Frees what was opened; the tables stay. */
  @Override
  void close();

  /** What drains until it is stopped. */
  interface Running {
    /** Returns once the last batch is finished; throws what went wrong in the meantime. */
    void stop() throws Exception;
  }
}
