package io.inbox.samples.reconcile;

import java.util.Iterator;
import java.util.List;

/**
 * The command line, checked.
 *
 * @param postgres whether the database is an embedded PostgreSQL, else a file of H2
 * @param messages how many payments are handled
 * @param drifts how many of each sort of drift are seeded
 */
record Options(boolean postgres, int messages, int drifts, boolean help) {
  static final String USAGE =
      """
      mvn -q -Psample-reconcile [-Dsample.args="OPTIONS"]

      Handles payments, spoils the books, finds what is wrong, repairs it, and looks again.

        --database h2|postgres  the database to start: a file of H2 (default), or an embedded PostgreSQL 18
        --messages N            how many payments, 100 to 100000 (default 2000)
        --drifts N              how many of each sort of drift, 1 to 20 (default 10)
        --help                  this text

      Exit code: 0 OK, 1 VIOLATED, 2 wrong option, 3 trouble with the database.
      """;

  /** Says what is wrong with the command line. */
  static final class WrongException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private WrongException(String message) {
      super(message + " (--help shows the options)");
    }
  }

  static Options parse(String... args) {
    boolean postgres = false;
    int messages = 2_000;
    int drifts = 10;
    boolean help = false;
    Iterator<String> words = List.of(args).iterator();
    while (words.hasNext()) {
      String option = words.next();
      switch (option) {
        case "--help" -> help = true;
        case "--database" -> postgres = database(value(option, words));
        case "--messages" -> messages = number(option, value(option, words), 100, 100_000);
        case "--drifts" -> drifts = number(option, value(option, words), 1, 20);
        default -> throw new WrongException("there is no option " + option);
      }
    }
    return new Options(postgres, messages, drifts, help);
  }

  private static String value(String option, Iterator<String> words) {
    if (!words.hasNext()) {
      throw new WrongException(option + " needs a value");
    }
    return words.next();
  }

  private static boolean database(String name) {
    return switch (name) {
      case "h2" -> false;
      case "postgres" -> true;
      default -> throw new WrongException("--database is " + name + ", it must be h2 or postgres");
    };
  }

  private static int number(String option, String text, int least, int most) {
    try {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new WrongException(option + " is " + text + ", it must be " + least + " to " + most);
  }
}
