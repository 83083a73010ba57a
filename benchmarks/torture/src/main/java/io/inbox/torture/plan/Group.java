package io.inbox.torture.plan;

import java.util.ArrayList;
import java.util.List;

/**
 * A tenant and a consumer. Every group uses the same ids, so that whoever leaves out a part of the
 * key takes the message of one group for that of another.
 *
 * @param number its number, from 0
 * @param tenant whose messages
 * @param consumer who handles them
 */
public record Group(int number, String tenant, String consumer) {
  /** How many accounts each group has. */
  public static final int ACCOUNTS = 150;

  /** The tenants. */
  public static final List<String> TENANTS = List.of("acme", "bolt", "cord");

  /** The consumers. */
  public static final List<String> CONSUMERS = List.of("ledger", "audit");

  /** All groups. */
  public static final List<Group> ALL = all();

  private static List<Group> all() {
    List<Group> groups = new ArrayList<>();
    for (String tenant : TENANTS) {
      for (String consumer : CONSUMERS) {
        groups.add(new Group(groups.size(), tenant, consumer));
      }
    }
    return List.copyOf(groups);
  }

  /** Returns the name of one of its accounts. */
  public String account(int number) {
    return tenant + "/" + consumer + "/" + number;
  }
}
