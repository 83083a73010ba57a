package io.inbox.migrations;

/** A command line that makes no sense, in one sentence that says what to change. */
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }
}
