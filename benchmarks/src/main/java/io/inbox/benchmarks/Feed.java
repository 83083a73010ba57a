package io.inbox.benchmarks;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * New messages for all contenders: ids in the order of time, no id twice. Each thread has accounts
 * of its own, so that no contender waits for a row lock: that would hide what it costs.
 */
final class Feed {
  static final String SOURCE = "stripe";
  static final int ACCOUNTS_OF_A_LANE = 2_000;

  /** Brokers redeliver what was handled lately: one of so many last ones; a batch holds fewer. */
  private static final int REMEMBERED = 10_000;

  private final AtomicLong next;

  Feed() {
    this(0);
  }

  /** Begins with the id of this number. */
  Feed(long first) {
    next = new AtomicLong(first);
  }

  Lane lane(int number) {
    return new Lane(number);
  }

  /**
   * A delivery.
   *
   * @param sequence the number its id is made of
   * @param fresh whether it is the first of its message
   */
  record Arrival(long sequence, String id, boolean fresh) {}

  /** What one thread takes from the feed. */
  final class Lane {
    private final long firstAccount;
    private final RandomGenerator random;
    private final long[] remembered = new long[REMEMBERED];
    private int handled;
    private double owing;

    private Lane(int number) {
      this.firstAccount = (long) number * ACCOUNTS_OF_A_LANE;
      this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(number);
    }

    String id() {
      return MessageIds.TIME_ORDERED.at(next.getAndIncrement());
    }

    String[] ids(int count) {
      long first = next.getAndAdd(count);
      String[] ids = new String[count];
      for (int i = 0; i < count; i++) {
        ids[i] = MessageIds.TIME_ORDERED.at(first + i);
      }
      return ids;
    }

    /**
     * Deliveries of which a share are redeliveries of messages that this lane has handled; with
     * none handled yet all are new.
     */
    List<Arrival> arrivals(int count, double duplicates, MessageIds order) {
      List<Arrival> arrivals = new ArrayList<>(count);
      int known = Math.min(handled, REMEMBERED);
      double owed = Math.min(owing + count * duplicates, known);
      int old = (int) owed;
      owing = owed - old;
      long first = next.getAndAdd(count - (long) old);
      Set<Long> taken = new HashSet<>();
      for (int i = 0; i < count; i++) {
        // As many as are owed, spread evenly.
        boolean again = (long) (i + 1) * old / count > (long) i * old / count;
        long sequence = again ? untaken(known, taken) : first++;
        arrivals.add(new Arrival(sequence, order.at(sequence), !again));
      }
      return arrivals;
    }

    /** A batch collapses what comes in it twice, which is not what is to be measured. */
    private long untaken(int known, Set<Long> taken) {
      long sequence = remembered[random.nextInt(known)];
      while (!taken.add(sequence)) {
        sequence = remembered[random.nextInt(known)];
      }
      return sequence;
    }

    /** Takes note of what may come again. */
    void handled(List<Arrival> arrivals) {
      for (Arrival arrival : arrivals) {
        if (arrival.fresh()) {
          remembered[handled++ % REMEMBERED] = arrival.sequence();
        }
      }
    }

    Instant time() {
      return Instant.now();
    }

    long account() {
      return firstAccount + random.nextInt(ACCOUNTS_OF_A_LANE);
    }

    Long[] accounts(int count) {
      Long[] accounts = new Long[count];
      for (int i = 0; i < count; i++) {
        accounts[i] = account();
      }
      return accounts;
    }
  }
}
