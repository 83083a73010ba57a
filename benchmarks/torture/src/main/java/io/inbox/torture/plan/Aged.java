package io.inbox.torture.plan;

import java.time.Duration;

/**
 * Messages of a consumer that handles nothing: they were handled long ago, and some become due for
 * collection in every moment of a run. One tenant's are on hold.
 */
public final class Aged {
  /** Their consumer, which no delivery has. */
  public static final String CONSUMER = "aged";

  /** Its dedupe window. */
  public static final Duration WINDOW = Duration.ofHours(1);

  /** What the collector adds to every window. */
  public static final Duration MARGIN = Duration.ofHours(1);

  /** How much before and after the start of the run they become due. */
  public static final Duration SPREAD = Duration.ofMinutes(10);

  /** How many each tenant has. */
  public static final int OF_EACH_TENANT = 2_000;

  /** How many there are. */
  public static final int ALL = OF_EACH_TENANT * Group.TENANTS.size();

  /** Whose are on hold. */
  public static final String HELD_TENANT = Group.TENANTS.get(Group.TENANTS.size() - 1);

  private Aged() {}
}
