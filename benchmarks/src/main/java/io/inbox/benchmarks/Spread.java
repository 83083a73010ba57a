package io.inbox.benchmarks;

import java.util.List;
import java.util.Locale;

/** Median and quartiles of a few figures. */
record Spread(double low, double median, double high) {
  static Spread of(List<Double> values) {
    return new Spread(quantile(values, 0.25), quantile(values, 0.5), quantile(values, 0.75));
  }

  static double quantile(List<Double> values, double share) {
    List<Double> sorted = values.stream().sorted().toList();
    double place = share * (sorted.size() - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.size() - 1);
    return sorted.get(below) + (place - below) * (sorted.get(above) - sorted.get(below));
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.3f (%.3f-%.3f)", median, low, high);
  }
}
