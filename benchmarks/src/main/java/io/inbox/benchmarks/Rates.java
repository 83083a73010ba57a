package io.inbox.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The rates of each contender, one for each round, in messages per second. */
final class Rates {
  private final Map<String, List<Double>> perSecond = new LinkedHashMap<>();

  void add(String label, double rate) {
    perSecond.computeIfAbsent(label, unused -> new ArrayList<>()).add(rate);
  }

  /** Forgets the rates, not the contenders: what came so far was to warm up. */
  void forget() {
    perSecond.values().forEach(List::clear);
  }

  List<String> labels() {
    return List.copyOf(perSecond.keySet());
  }

  Spread of(String label) {
    return Spread.of(values(label));
  }

  /** Both must have run in every round. */
  Spread ratio(String label, String base) {
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < values(base).size(); round++) {
      ratios.add(values(label).get(round) / values(base).get(round));
    }
    return Spread.of(ratios);
  }

  /** Prints a table: each contender, its rate, and that over the base. */
  void print(String title, String base) {
    System.out.printf(
        Locale.ROOT,
        "%n%s%n%-36s %10s  %19s  %s%n",
        title,
        "",
        "messages/s",
        "quartiles",
        "over " + base + " (quartiles)");
    for (String label : labels()) {
      Spread rate = of(label);
      System.out.printf(
          Locale.ROOT,
          "%-36s %10.0f  %9.0f %9.0f  %s%n",
          label,
          rate.median(),
          rate.low(),
          rate.high(),
          ratio(label, base));
    }
  }

  /** The same table for the file. */
  Map<String, Object> detail(String base) {
    Map<String, Object> detail = new LinkedHashMap<>();
    for (String label : labels()) {
      Spread rate = of(label);
      Spread ratio = ratio(label, base);
      detail.put(
          label,
          Map.of(
              "messages_per_second",
              Math.round(rate.median()),
              "messages_per_second_quartiles",
              List.of(Math.round(rate.low()), Math.round(rate.high())),
              "ratio",
              Results.round(ratio.median()),
              "ratio_quartiles",
              List.of(Results.round(ratio.low()), Results.round(ratio.high()))));
    }
    return detail;
  }

  private List<Double> values(String label) {
    return perSecond.getOrDefault(label, List.of());
  }
}
