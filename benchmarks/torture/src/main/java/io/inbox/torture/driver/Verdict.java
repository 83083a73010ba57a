package io.inbox.torture.driver;

import io.inbox.torture.check.Evidence;
import io.inbox.torture.check.Evidence.Strike;
import io.inbox.torture.check.Invariant;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What came of a run.
 *
 * @param database the name of the database
 * @param run what was run
 * @param evidence what was seen
 * @param given how many deliveries were given to workers
 * @param violations of each invariant that was checked
 * @param took how long all of it took
 */
public record Verdict(
    String database,
    Driver.Run run,
    Evidence evidence,
    long given,
    Map<Invariant, List<String>> violations,
    Duration took) {
  /** Returns whether every invariant holds. */
  public boolean holds() {
    return violations.values().stream().allMatch(List::isEmpty);
  }

  /** Returns the invariants that do not hold. */
  public List<Invariant> violated() {
    return violations.entrySet().stream()
        .filter(entry -> !entry.getValue().isEmpty())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Returns the faults that struck. */
  public List<Strike> struck() {
    return evidence.strikes().stream().filter(Strike::struck).toList();
  }

  private long kinds() {
    return struck().stream().map(strike -> strike.fault().kind()).distinct().count();
  }

  /** Returns the last line of a run. */
  public String line() {
    String figures =
        "database=%s mode=%s seed=%d deliveries=%d messages=%d faults=%d kinds=%d seconds=%d"
            .formatted(
                database,
                run.plan().mode().name().toLowerCase(Locale.ROOT),
                run.seed(),
                given,
                evidence.messages(),
                struck().size(),
                kinds(),
                took.toSeconds());
    return holds()
        ? "torture: OK " + figures
        : "torture: VIOLATED "
            + violated().stream().map(Enum::name).collect(Collectors.joining(","))
            + " "
            + figures;
  }

  /** Returns everything that happened, in lines. */
  public List<String> report() {
    List<String> lines = new ArrayList<>();
    lines.add("Answers:");
    evidence
        .answers()
        .forEach((kind, count) -> lines.add("  %,9d %s".formatted(count, kind.name())));
    lines.add("Faults that struck:");
    Map<String, Long> cells = new TreeMap<>();
    struck().forEach(strike -> cells.merge(strike.fault().cell(), 1L, Long::sum));
    cells.forEach((cell, count) -> lines.add("  %,9d %s".formatted(count, cell)));
    List<Strike> missed = evidence.strikes().stream().filter(strike -> !strike.struck()).toList();
    if (!missed.isEmpty()) {
      lines.add("Faults that could not strike:");
      missed.forEach(strike -> lines.add("  " + line(strike)));
    }
    lines.add("Invariants:");
    for (Invariant invariant : Invariant.values()) {
      lines.add("  " + line(invariant));
      violations.getOrDefault(invariant, List.of()).forEach(line -> lines.add("    " + line));
    }
    evidence.notes().forEach(note -> lines.add("  " + note));
    return lines;
  }

  private String line(Invariant invariant) {
    List<String> found = violations.get(invariant);
    String state = found == null ? "not checked" : found.isEmpty() ? "holds" : "VIOLATED";
    return String.format(Locale.ROOT, "%-5s %-22s %s", invariant.name(), invariant.title(), state);
  }

  private static String line(Strike strike) {
    return "%d at %d %s: %s"
        .formatted(
            strike.fault().number(), strike.fault().at(), strike.fault().cell(), strike.note());
  }

  /** Returns one line for each fault, in the order in which they were over. */
  public List<String> faults() {
    return evidence.strikes().stream().map(Verdict::line).toList();
  }
}
