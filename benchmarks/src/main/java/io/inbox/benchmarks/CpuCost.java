package io.inbox.benchmarks;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Shows what each way costs when no disk hides it: one thread, {@code synchronous_commit = off}.
 * For finding where time goes; no figure of it is a result.
 */
final class CpuCost {
  private CpuCost() {}

  static void run(int sliceMillis, int rounds)
      throws IOException, SQLException, InterruptedException {
    try (Arena arena = Arena.open(1, false)) {
      System.out.println(
          "one thread, synchronous_commit=" + arena.server().text("SHOW synchronous_commit"));
      for (int batch : List.of(1, Arena.BATCH)) {
        List<Contender> contenders = new ArrayList<>(arena.bounded(batch));
        contenders.add(arena.byHand(Bound.NONE, batch, false, ""));
        contenders.add(arena.library(batch, false));
        contenders.add(arena.library(batch, true));
        Race.Rates rates = arena.run(contenders, sliceMillis, rounds);
        for (String label : rates.labels()) {
          Spread rate = rates.of(label);
          System.out.printf(
              Locale.ROOT,
              "%-36s %8.1f us for %d message(s) (%.1f-%.1f)%n",
              label,
              batch * 1e6 / rate.median(),
              batch,
              batch * 1e6 / rate.high(),
              batch * 1e6 / rate.low());
        }
      }
      arena.audit();
    }
  }
}
