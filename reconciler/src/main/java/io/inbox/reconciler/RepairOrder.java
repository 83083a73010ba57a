package io.inbox.reconciler;

import io.inbox.MessageKey;
import io.inbox.error.UsageException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What to repair, how, why and for whom. Immutable. */
public final class RepairOrder {
  /** How many items an order may have that does not say a limit. */
  public static final int WITHOUT_LIMIT = 100;

  private static final int MOST = 100_000;
  private static final int LONGEST_REASON = 1_000;
  private static final int LONGEST_NAME = 200;

  private final RepairAction action;
  private final Set<RepairItem> items;
  private final @Nullable FindingQuery query;
  private final Map<RepairItem, String> planned;
  private final @Nullable String reason;
  private final String by;
  private final @Nullable Integer limit;
  private final boolean insisting;

  private RepairOrder(Builder builder) {
    this.action = builder.action;
    this.items = new LinkedHashSet<>(builder.items);
    this.query = builder.query;
    this.planned = Map.copyOf(builder.planned);
    this.reason = builder.reason;
    this.by = builder.by;
    this.limit = builder.limit;
    this.insisting = builder.insisting;
  }

  /** Starts an order. */
  public static Builder builder(RepairAction action) {
    return new Builder(action);
  }

  /** Returns what to do. */
  public RepairAction action() {
    return action;
  }

  /** Returns the items that are named. */
  public List<RepairItem> items() {
    return List.copyOf(items);
  }

  /** Returns which findings are items as well. */
  public Optional<FindingQuery> query() {
    return Optional.ofNullable(query);
  }

  /** Returns what a plan saw of an item, empty where there was no plan. */
  public Optional<String> planned(RepairItem item) {
    return Optional.ofNullable(planned.get(item));
  }

  /** Returns why. */
  public Optional<String> reason() {
    return Optional.ofNullable(reason);
  }

  /** Returns who wants it. */
  public String by() {
    return by;
  }

  /** Returns how many items at most. */
  public OptionalInt limit() {
    return limit == null ? OptionalInt.empty() : OptionalInt.of(limit);
  }

  /** Returns whether to do what could do harm. */
  public boolean insisting() {
    return insisting;
  }

  /** Collects the parts of an order. Not thread-safe. */
  public static final class Builder {
    private final RepairAction action;
    private final List<RepairItem> items = new ArrayList<>();
    private final Map<RepairItem, String> planned = new LinkedHashMap<>();
    private @Nullable FindingQuery query;
    private @Nullable String reason;
    private String by = System.getProperty("user.name", "unknown");
    private @Nullable Integer limit;
    private boolean insisting;

    private Builder(RepairAction action) {
      this.action = action;
    }

    /** Adds an item. */
    public Builder item(RepairItem item) {
      items.add(item);
      return this;
    }

    /** Adds what a finding is about. */
    public Builder finding(long id) {
      return item(new RepairItem.OfFinding(id));
    }

    /** Adds a key. */
    public Builder key(MessageKey key) {
      return item(new RepairItem.OfKey(key));
    }

    /**
     * Adds the open findings of a query, the oldest first; its limit and state do not count, the
     * order's do.
     */
    public Builder findings(FindingQuery query) {
      this.query = query;
      return this;
    }

    /**
     * Adds what a plan would repair; each only if it stands there as the plan saw it.
     *
     * @param plan what {@link Repairs#preview} returned
     */
    public Builder asPlanned(List<RepairResult> plan) {
      for (RepairResult result : plan) {
        if (result instanceof RepairResult.Planned it) {
          items.add(it.item());
          planned.put(it.item(), it.before());
        }
      }
      return this;
    }

    /** Sets why, stored with each repair: 1 to 1,000 characters. Needed to apply the order. */
    public Builder reason(@Nullable String reason) {
      this.reason = reason;
      return this;
    }

    /** Sets who wants it, stored with each repair. Default: the user of this process. */
    public Builder by(String by) {
      this.by = by;
      return this;
    }

    /**
     * Sets how many items at most, 1 to 100,000; the others are left for the next order. Without it
     * an order of more than {@value RepairOrder#WITHOUT_LIMIT} items is refused: so many are seldom
     * what was meant.
     */
    public Builder limit(@Nullable Integer limit) {
      this.limit = limit;
      return this;
    }

    /**
     * Does what else would be refused because it could do harm: to forget a key whose effect is
     * there, so that a redelivery doubles it; to record a key whose effect is missing, so that
     * nobody makes up for it; or either where no check can tell.
     */
    public Builder insist() {
      this.insisting = true;
      return this;
    }

    /**
     * Returns the order.
     *
     * @throws UsageException if it names nothing, or a part is out of its range
     */
    public RepairOrder build() {
      if (items.isEmpty() && query == null) {
        throw new UsageException("IBX-720", "a repair names no item (name findings, or keys)");
      }
      if (limit != null && (limit < 1 || limit > MOST)) {
        throw new UsageException(
            "IBX-702", "the limit of a repair is " + limit + ", it must be 1 to 100,000");
      }
      if (limit == null && items.size() > WITHOUT_LIMIT) {
        throw tooMany(items.size() + " items");
      }
      if (reason != null && reason.length() > LONGEST_REASON) {
        throw new UsageException(
            "IBX-703", "the reason has " + reason.length() + " characters, at most 1,000 fit");
      }
      if (by == null || by.isBlank() || by.length() > LONGEST_NAME) {
        throw new UsageException(
            "IBX-703", "who wants a repair must be said in 1 to 200 characters");
      }
      return new RepairOrder(this);
    }
  }

  static UsageException tooMany(String items) {
    return new UsageException(
        "IBX-702",
        "the order is for "
            + items
            + ", and says no limit (look at the plan, then say how many at most)");
  }
}
