package io.inbox.torture;

import java.util.List;
import java.util.Locale;

/**
 * The options on the command line.
 *
 * @param deliveries how many are planned
 * @param seed of plan and schedule
 * @param database its name
 * @param faults how many; -1 for as many as fit
 * @param workers how many processes
 * @param help whether only the usage is asked for
 */
record Options(int deliveries, long seed, String database, int faults, int workers, boolean help) {
  static final List<String> DATABASES = List.of("postgres18", "postgres14", "h2");

  static final String USAGE =
      """
      Deliveries under faults: mvn -q -Ptorture -Dtorture.args="OPTIONS"

        --deliveries N   how many are planned, 1,000 to 100,000,000 (default: 60,000)
        --seed S         what is sent and what goes wrong (default: of the clock, printed)
        --database D     postgres18, postgres14 or h2 (default: postgres18)
        --faults N       how many faults, 0 to a tenth of the deliveries (default: one in 1,000 deliveries,
                         and at least one of each kind)
        --workers N      how many worker processes, 1 to 16 (default: 3; H2 has 1)

      The last line is "torture: OK ..." or "torture: VIOLATED ..."; the exit code is 0 or 1, and 2 for a wrong
      option. Journals, logs and the whole report are in target/torture.
      """;

  /** A wrong option. */
  static final class WrongOption extends Exception {
    private static final long serialVersionUID = 1L;

    WrongOption(String message) {
      super(message);
    }
  }

  static Options parse(String[] args, long clock) throws WrongOption {
    int deliveries = 60_000;
    long seed = clock;
    String database = "postgres18";
    int faults = -1;
    int workers = 3;
    for (int i = 0; i < args.length; i++) {
      String option = args[i];
      if (option.equals("--help")) {
        return new Options(deliveries, seed, database, faults, workers, true);
      }
      if (i + 1 == args.length) {
        throw new WrongOption(option + " needs a value, or is not known (try --help)");
      }
      String value = args[++i];
      switch (option) {
        case "--deliveries" -> deliveries = (int) number(option, value, 1_000, 100_000_000);
        case "--seed" -> seed = number(option, value, Long.MIN_VALUE, Long.MAX_VALUE);
        case "--database" -> database = database(value);
        case "--faults" -> faults = (int) number(option, value, 0, 10_000_000);
        case "--workers" -> workers = (int) number(option, value, 1, 16);
        default -> throw new WrongOption(option + " is not known (try --help)");
      }
    }
    if (faults > deliveries / 10) {
      throw new WrongOption(
          "--faults is " + faults + ", it must be at most a tenth of --deliveries");
    }
    return new Options(
        deliveries, seed, database, faults, database.equals("h2") ? 1 : workers, false);
  }

  private static String database(String value) throws WrongOption {
    if (!DATABASES.contains(value)) {
      throw new WrongOption("--database is " + value + ", it must be one of " + DATABASES);
    }
    return value;
  }

  private static long number(String option, String value, long least, long most)
      throws WrongOption {
    try {
      long number = Long.parseLong(value.replace("_", "").replace(",", ""));
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // The same as one out of range.
    }
    throw new WrongOption(
        String.format(
            Locale.ROOT,
            "%s is %s, it must be a number from %d to %d",
            option,
            value,
            least,
            most));
  }
}
