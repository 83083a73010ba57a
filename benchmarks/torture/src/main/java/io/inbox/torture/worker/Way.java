package io.inbox.torture.worker;

import io.inbox.torture.wire.Answer;
import java.util.List;

/** How the deliveries of a task go through the library. Used by many threads at once. */
@FunctionalInterface
interface Way {
  /** Handles them; returns one answer for each, in their order. What the library throws goes on. */
  List<Answer> handle(TaskRun run);
}
