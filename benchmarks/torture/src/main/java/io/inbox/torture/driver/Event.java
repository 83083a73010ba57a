package io.inbox.torture.driver;

import io.inbox.torture.fault.Fault;
import io.inbox.torture.wire.Saying;
import org.jspecify.annotations.Nullable;

/** What the broker learns from other threads. */
sealed interface Event {
  /**
   * A worker said something, or is gone.
   *
   * @param saying null when it is gone
   */
  record Heard(WorkerLink from, @Nullable Saying saying) implements Event {}

  /**
   * A fault has struck and is over.
   *
   * @param note what exactly was done; starts with "not" if it could not be done
   */
  record Struck(Fault fault, String note) implements Event {}
}
