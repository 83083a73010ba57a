package io.inbox.torture;

import io.inbox.torture.plan.Mode;
import io.inbox.torture.soak.Soak;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The options on the command line.
 *
 * @param deliveries how many are planned
 * @param seed of plan and schedule
 * @param database its name
 * @param mode how what was handled is recognised
 * @param faults how many; -1 for as many as fit
 * @param workers how many processes
 * @param soak how long a run without faults lasts; zero for one with faults
 * @param help whether only the usage is asked for
 */
record Options(
    int deliveries,
    long seed,
    String database,
    Mode mode,
    int faults,
    int workers,
    Duration soak,
    boolean help) {
  static final List<String> DATABASES = List.of("postgres18", "postgres14", "h2");

  private static final Pattern TIME = Pattern.compile("([0-9]{1,6})([smh])");
  private static final Duration SHORTEST_SOAK = Duration.ofSeconds(30);
  private static final Duration LONGEST_SOAK = Duration.ofDays(2);

  static final String USAGE =
      """
      Deliveries under faults: mvn -q -Ptorture -Dtorture.args="OPTIONS"

        --deliveries N   how many are planned, 1,000 to 100,000,000 (default: 60,000)
        --seed S         what is sent and what goes wrong (default: of the clock, printed)
        --database D     postgres18, postgres14 or h2 (default: postgres18)
        --mode M         how what was handled is recognised: keys, buckets, shared, queries or watermarks (default:
                         keys, the only one on H2)
        --faults N       how many faults, 0 to a tenth of the deliveries (default: one in 1,000 deliveries,
                         and at least one of each kind)
        --workers N      how many worker processes, 1 to 16 (default: 3; H2 has 1)

      Without faults, at a steady rate, to see whether anything grows:

        --soak TIME      how long, such as 30m, from 30s to 48h; with --database and --seed alone, and not on H2

      The last line is "torture: OK ..." or "torture: VIOLATED ...", or begins with "soak:"; the exit code is 0
      or 1, and 2 for a wrong option. Journals, logs, the whole report and samples are in target/torture.
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
    Mode mode = Mode.KEYS;
    int faults = -1;
    int workers = 3;
    Duration soak = Duration.ZERO;
    String onlyWithFaults = "";
    for (int i = 0; i < args.length; i++) {
      String option = args[i];
      if (option.equals("--help")) {
        return new Options(deliveries, seed, database, mode, faults, workers, soak, true);
      }
      if (i + 1 == args.length) {
        throw new WrongOption(option + " needs a value, or is not known (try --help)");
      }
      String value = args[++i];
      if (List.of("--deliveries", "--mode", "--faults", "--workers").contains(option)) {
        onlyWithFaults = option;
      }
      switch (option) {
        case "--deliveries" -> deliveries = (int) number(option, value, 1_000, 100_000_000);
        case "--seed" -> seed = number(option, value, Long.MIN_VALUE, Long.MAX_VALUE);
        case "--database" -> database = database(value);
        case "--mode" -> mode = mode(value);
        case "--faults" -> faults = (int) number(option, value, 0, 10_000_000);
        case "--workers" -> workers = (int) number(option, value, 1, 16);
        case "--soak" -> soak = time(option, value);
        default -> throw new WrongOption(option + " is not known (try --help)");
      }
    }
    if (faults > deliveries / 10) {
      throw new WrongOption(
          "--faults is " + faults + ", it must be at most a tenth of --deliveries");
    }
    if (mode != Mode.KEYS && database.equals("h2")) {
      throw new WrongOption("--mode " + name(mode) + " runs on PostgreSQL only, not on h2");
    }
    if (!soak.isZero()) {
      checkSoak(database, onlyWithFaults);
    }
    return new Options(
        deliveries, seed, database, mode, faults, database.equals("h2") ? 1 : workers, soak, false);
  }

  private static void checkSoak(String database, String onlyWithFaults) throws WrongOption {
    if (!onlyWithFaults.isEmpty()) {
      throw new WrongOption(
          onlyWithFaults + " does not go with --soak, which has its own rate and no faults");
    }
    if (!Soak.databases().contains(database)) {
      throw new WrongOption(
          "--soak does not run on " + database + ", it must be one of " + Soak.databases());
    }
  }

  private static Duration time(String option, String value) throws WrongOption {
    Matcher parts = TIME.matcher(value);
    if (parts.matches()) {
      long number = Long.parseLong(parts.group(1));
      Duration time =
          switch (parts.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofHours(number);
          };
      if (time.compareTo(SHORTEST_SOAK) >= 0 && time.compareTo(LONGEST_SOAK) <= 0) {
        return time;
      }
    }
    throw new WrongOption(
        option + " is " + value + ", it must be a time from 30s to 48h, such as 30m");
  }

  private static String database(String value) throws WrongOption {
    if (!DATABASES.contains(value)) {
      throw new WrongOption("--database is " + value + ", it must be one of " + DATABASES);
    }
    return value;
  }

  private static Mode mode(String value) throws WrongOption {
    for (Mode mode : Mode.values()) {
      if (name(mode).equals(value)) {
        return mode;
      }
    }
    throw new WrongOption(
        "--mode is "
            + value
            + ", it must be one of "
            + Arrays.stream(Mode.values()).map(Options::name).toList());
  }

  /** Returns the name of a mode on the command line. */
  static String name(Mode mode) {
    return mode.name().toLowerCase(Locale.ROOT);
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
