package io.inbox.reconciler;

import io.inbox.error.UsageException;
import io.inbox.reconciler.internal.database.Database;
import io.inbox.reconciler.internal.pair.PairPlan;
import io.inbox.reconciler.internal.repair.RepairRun;
import io.inbox.reconciler.spi.Check;
import io.inbox.spi.Store;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Repairs what checks found, item by item.
 *
 * <p>Each item is one transaction: it locks the finding, looks whether the fault is still there,
 * repairs, writes the record with what stood there before and after, and resolves the finding. So a
 * run that was killed can be run again, and two at the same time repair each item once.
 *
 * <p>Takes up to three connections at the same time: two for an item, because its effect is looked
 * for while its key is locked, and one more for the handler of a replay. Thread-safe.
 */
public final class Repairs {
  private final Database database;
  private final DataSource dataSource;
  private final List<PairPlan> plans;

  private Repairs(Database database, DataSource dataSource, List<PairPlan> plans) {
    this.database = database;
    this.dataSource = dataSource;
    this.plans = plans;
  }

  /**
   * Opens the repairs of a database. Checks database and schema; takes one connection and blocks.
   *
   * @param dataSource a pool of the inbox's database; which rights an action takes is in the
   *     documentation of the roles
   * @param checks the checks that found what is to be repaired: pair checks tell whether an effect
   *     is there, others are passed over
   * @throws io.inbox.error.ConfigurationException if the server cannot be used
   * @throws io.inbox.error.SchemaException if the schema is missing, older than version 3, or too
   *     new
   * @throws io.inbox.error.RetryLaterException if the database cannot be reached
   */
  public static Repairs open(
      Store store, @Nullable DataSource dataSource, List<? extends Check> checks) {
    Database database = Database.open(store, dataSource);
    List<PairPlan> plans = new ArrayList<>();
    for (Check check : checks) {
      if (check instanceof PairCheck pair) {
        plans.add(pair.plan());
      }
    }
    return new Repairs(database, Objects.requireNonNull(dataSource), plans);
  }

  /**
   * Says what an order would do, and changes nothing. Blocks.
   *
   * @return one result for each item: Planned, Skipped, Refused or Failed
   * @throws UsageException IBX-702 if it has more items than an order may have without a limit
   */
  public List<RepairResult> preview(RepairOrder order) {
    return run(order).preview(items(order));
  }

  /**
   * Carries out an order, a transaction for each item. Blocks. When the database cannot be reached
   * any more, the items that are left are Failed; the same order can be given again.
   *
   * @return one result for each item: Repaired, Skipped, Refused or Failed
   * @throws UsageException IBX-703 if the order has no reason; IBX-702 if it has more items than an
   *     order may have without a limit
   */
  public List<RepairResult> apply(RepairOrder order) {
    if (order.reason().isEmpty() || order.reason().get().isBlank()) {
      throw new UsageException(
          "IBX-703", "a repair needs a reason, which is stored with it (say who decided, and why)");
    }
    return run(order).apply(items(order));
  }

  private RepairRun run(RepairOrder order) {
    return new RepairRun(database, dataSource, plans, order);
  }

  private List<RepairItem> items(RepairOrder order) {
    Set<RepairItem> items = new LinkedHashSet<>(order.items());
    int most = order.limit().orElse(RepairOrder.WITHOUT_LIMIT + 1);
    if (order.query().isPresent()) {
      Findings findings = Findings.open(database.store(), dataSource);
      FindingQuery query = order.query().get();
      long after = query.after();
      while (items.size() < most) {
        List<Finding> page =
            findings.list(
                new FindingQuery(
                    Math.min(1_000, most - items.size()),
                    after,
                    Finding.State.OPEN,
                    query.check(),
                    query.kind(),
                    query.consumer(),
                    query.item()));
        if (page.isEmpty()) {
          break;
        }
        page.forEach(finding -> items.add(new RepairItem.OfFinding(finding.id())));
        after = page.get(page.size() - 1).id();
      }
    }
    if (order.limit().isEmpty() && items.size() > RepairOrder.WITHOUT_LIMIT) {
      throw RepairOrder.tooMany("more than " + RepairOrder.WITHOUT_LIMIT + " items");
    }
    return items.stream().limit(most).toList();
  }
}
