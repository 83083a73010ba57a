package io.inbox.torture.plan;

/**
 * An ordered part of what is sent: the messages of one source of one group, by their ids. All lanes
 * use the same positions, with gaps.
 *
 * @param number its number, from 0
 * @param group to whom
 * @param partition which one of the group
 */
public record Lane(int number, Group group, int partition) {
  /** How many each group has. */
  public static final int OF_EACH_GROUP = 2;

  /** How many there are. */
  public static final int ALL = OF_EACH_GROUP * Group.ALL.size();

  /** The numbers of the messages of a lane are that far from each other. */
  public static final int STEP = OF_EACH_GROUP * Group.ALL.size();

  /** What the positions belong to. */
  public static final String STREAM = "channel";

  private static final int GAP = 3;

  /** Returns the one with a number. */
  public static Lane of(int number) {
    return new Lane(number, Group.ALL.get(number / OF_EACH_GROUP), number % OF_EACH_GROUP);
  }

  /** Returns the one that a message belongs to. */
  public static Lane ofMessage(int message) {
    int group = message % Group.ALL.size();
    return of(OF_EACH_GROUP * group + message / Group.ALL.size() % OF_EACH_GROUP);
  }

  /** Returns the position of a message in its lane. */
  public static long position(int message) {
    return 1 + (long) GAP * (message / STEP);
  }
}
