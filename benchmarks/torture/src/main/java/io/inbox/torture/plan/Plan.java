package io.inbox.torture.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Everything that is sent in a run: messages, their first deliveries and the planned repeats, as a
 * function of the seed. Immutable; nothing but the seed is kept.
 *
 * <p>The messages of a group are numbered in steps of the number of groups.
 */
public final class Plan {
  private static final int GROUPS = Group.ALL.size();
  private static final int POISON_ONE_IN = 400;
  private static final int OLD_ONE_IN = 500;

  private final long seed;
  private final int deliveries;
  private final boolean repeats;
  private final Mode mode;

  /**
   * Creates a plan for keys.
   *
   * @param deliveries how many are planned
   * @param repeats whether messages are planned to come again
   */
  public Plan(long seed, int deliveries, boolean repeats) {
    this(seed, deliveries, repeats, Mode.KEYS);
  }

  private Plan(long seed, int deliveries, boolean repeats, Mode mode) {
    this.seed = seed;
    this.deliveries = deliveries;
    this.repeats = repeats;
    this.mode = mode;
  }

  /**
   * Returns a plan for a mode, with messages that come again; where they are ordered the broker
   * decides when it goes back.
   */
  public static Plan of(Mode mode, long seed, int deliveries) {
    return new Plan(seed, deliveries, !mode.ordered(), mode);
  }

  /** Returns what it is a function of. */
  public long seed() {
    return seed;
  }

  /** Returns the mode it is for. */
  public Mode mode() {
    return mode;
  }

  /** Returns how many deliveries are planned. */
  public int deliveries() {
    return deliveries;
  }

  /** Returns a message by its number. */
  public Sent message(int number) {
    SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + number);
    Group group = Group.ALL.get(number % GROUPS);
    int inGroup = number / GROUPS;
    String account = group.account(random.nextInt(Group.ACCOUNTS));
    long amount = random.nextLong(1, 1_000);
    Kind kind =
        random.nextInt(POISON_ONE_IN) == 0
            ? Kind.POISON
            : random.nextInt(OLD_ONE_IN) == 0 && !mode.ordered() ? Kind.OLD : Kind.NORMAL;
    return new Sent(
        number, group, "channel-" + inGroup % 2, "m" + inGroup / 2, account, amount, kind);
  }

  /** Returns the number of a message by the parts of its key; -1 if no run sends such a one. */
  public static int number(String tenant, String consumer, String source, String id) {
    for (Group group : Group.ALL) {
      if (group.tenant().equals(tenant) && group.consumer().equals(consumer)) {
        int half = Integer.parseInt(source.substring(source.indexOf('-') + 1));
        return group.number() + GROUPS * (2 * Integer.parseInt(id.substring(1)) + half);
      }
    }
    return -1;
  }

  /** Returns the planned deliveries from the first one on. */
  public Cursor cursor() {
    return new Cursor();
  }

  /**
   * One planned delivery.
   *
   * @param message its number
   * @param altered whether this copy has another payload
   */
  public record Copy(int message, boolean altered) {}

  /**
   * Deliveries that come together.
   *
   * @param batch whether they are handled as a batch
   */
  public record Chunk(Group group, boolean batch, List<Copy> copies) {}

  /** Reads a plan in its order. Not thread-safe. */
  public final class Cursor {
    private static final int BATCH_ONE_IN = 4;
    private static final int LARGEST_BATCH = 40;
    private static final int REPEAT_ONE_IN = 4;
    private static final int RECENT = 20;
    private static final int ALTERED_ONE_IN = 40;
    private static final int ALTERED_FROM = 400;

    private final SplittableRandom random = new SplittableRandom(seed);
    private final int[] sent = new int[GROUPS];
    private int read;

    /** Returns whether there is more. */
    public boolean hasNext() {
      return read < deliveries;
    }

    /** Returns how many different messages there were so far. */
    public int messages() {
      int messages = 0;
      for (int inGroup : sent) {
        messages += inGroup;
      }
      return messages;
    }

    /** Returns whether a message was among them. */
    public boolean contains(int message) {
      return message / GROUPS < sent[message % GROUPS];
    }

    /** Returns a number above that of every message so far. */
    public int bound() {
      int most = 0;
      for (int inGroup : sent) {
        most = Math.max(most, inGroup);
      }
      return most * GROUPS;
    }

    /** Returns the next deliveries. */
    public Chunk next() {
      Group group = Group.ALL.get(random.nextInt(GROUPS));
      boolean batch = random.nextInt(BATCH_ONE_IN) == 0;
      int size = batch ? random.nextInt(2, LARGEST_BATCH + 1) : 1;
      List<Copy> copies = new ArrayList<>(size);
      for (int i = 0; i < size && hasNext(); i++) {
        copies.add(copy(group.number()));
        read++;
      }
      return new Chunk(group, batch, copies);
    }

    private Copy copy(int group) {
      int before = sent[group];
      if (!repeats || before == 0 || random.nextInt(REPEAT_ONE_IN) > 0) {
        return new Copy(group + GROUPS * sent[group]++, false);
      }
      if (before > ALTERED_FROM && random.nextInt(ALTERED_ONE_IN) == 0) {
        int old = group + GROUPS * random.nextInt(before - ALTERED_FROM);
        return new Copy(old, message(old).kind() == Kind.NORMAL);
      }
      int least = random.nextInt(5) < 3 ? Math.max(0, before - RECENT) : 0;
      return new Copy(group + GROUPS * random.nextInt(least, before), false);
    }
  }
}
