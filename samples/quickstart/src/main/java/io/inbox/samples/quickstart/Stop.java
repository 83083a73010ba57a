package io.inbox.samples.quickstart;

/** Ends the program with one line that says what is wrong, where, and what to do. */
final class Stop extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The input or an option is wrong. */
  static final int INPUT = 2;

  /** The database or a process of the run is out of order. */
  static final int DATABASE = 3;

  private final int exitCode;

  private Stop(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  static Stop input(String message) {
    return new Stop(INPUT, message);
  }

  static Stop database(String message) {
    return new Stop(DATABASE, message);
  }

  int exitCode() {
    return exitCode;
  }
}
