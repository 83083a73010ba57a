package io.inbox.samples.stage;

/** Ends the program with one line that says what is wrong, where, and what to do. */
public final class Stop extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The input or an option is wrong. */
  public static final int INPUT = 2;

  /** The database, or a process of the run, is out of order. */
  public static final int DATABASE = 3;

  private final int exitCode;

  private Stop(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** The end because of the input or an option. */
  public static Stop input(String message) {
    return new Stop(INPUT, message);
  }

  /** The end because of the database or a process of the run. */
  public static Stop database(String message) {
    return new Stop(DATABASE, message);
  }

  /** Returns the exit code of the program. */
  public int exitCode() {
    return exitCode;
  }
}
