package io.inbox.benchmarks;

import java.time.Instant;
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

  private final AtomicLong next = new AtomicLong();

  Lane lane(int number) {
    return new Lane(number);
  }

  /** What one thread takes from the feed. */
  final class Lane {
    private final long firstAccount;
    private final RandomGenerator random;

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
