package io.inbox.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Drains one outbox after the other, in another order each round, so that what else the machine
 * does hits all of them. Each gets a backlog of its own, vacuumed and analysed, and a checkpoint.
 */
final class DrainRace {
  private final DurablePostgres server;

  DrainRace(DurablePostgres server) {
    this.server = server;
  }

  /**
   * One of those that take turns.
   *
   * @param meanwhile what a transaction did that is open the whole time; null if there is none
   */
  record Entry(
      String label,
      OutboxContender contender,
      int messages,
      OpenTransaction.@Nullable Work meanwhile) {
    static Entry of(OutboxContender contender, int messages) {
      return new Entry(contender.label(), contender, messages, null);
    }

    /** The same with a backlog of another length. */
    Entry of(int messages) {
      return new Entry(label + ", " + messages, contender, messages, meanwhile);
    }

    Entry meanwhile(String what, OpenTransaction.Work work) {
      return new Entry(label + ", " + what, contender, messages, work);
    }

    /** The same beside a transaction that has nothing to do with the outbox. */
    Entry withOpenTransaction() {
      return meanwhile("transaction open", connection -> {});
    }
  }

  /** Drains each once, for the virtual machine to warm up. */
  void warmUp(List<Entry> entries) throws Exception {
    for (Entry entry : entries) {
      drain(entry);
    }
  }

  Rates run(List<Entry> entries, int rounds) throws Exception {
    Rates rates = new Rates();
    List<Entry> order = new ArrayList<>(entries);
    for (int round = 0; round < rounds; round++) {
      for (Entry entry : order) {
        rates.add(entry.label(), drain(entry));
      }
      Collections.rotate(order, 1);
    }
    return rates;
  }

  /** Returns messages per second. */
  private double drain(Entry entry) throws Exception {
    OutboxContender contender = entry.contender();
    contender.fill(entry.messages());
    for (String table : contender.tables()) {
      server.execute("VACUUM (ANALYZE) " + table);
    }
    server.execute("CHECKPOINT");
    Drained drained = new Drained(entry.messages());
    @Nullable OpenTransaction open =
        entry.meanwhile() == null ? null : OpenTransaction.begin(server, entry.meanwhile());
    try {
      OutboxContender.Running running = contender.start(drained);
      try {
        drained.await();
      } finally {
        running.stop();
      }
    } finally {
      if (open != null) {
        open.end();
      }
    }
    if (contender.left() != 0) {
      throw new IllegalStateException(
          contender.label() + " left " + contender.left() + " messages behind");
    }
    return drained.perSecond();
  }
}
