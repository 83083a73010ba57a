package io.inbox.command;

import io.inbox.reconciler.JobResult;

/** Another run of a job that is under way, as an error that says who runs it. */
final class Held {
  private Held() {}

  static CommandException by(JobResult.HeldByAnother<?> other) {
    return CommandException.held(other.message() + " (nothing was done; wait for it)");
  }
}
