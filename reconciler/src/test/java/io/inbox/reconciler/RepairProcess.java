package io.inbox.reconciler;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.jdbc.PortableStore;
import io.inbox.outbox.Outbox;
import io.inbox.postgres.PostgresStore;
import io.inbox.spi.Store;
import java.lang.reflect.Proxy;
import java.util.List;
import javax.sql.DataSource;

/** A process that repairs everything, and prints a line each time it takes a connection. */
final class RepairProcess {
  private RepairProcess() {}

  public static void main(String[] args) throws Exception {
    String url = args[0];
    Store store = url.startsWith("jdbc:h2:") ? PortableStore.create() : PostgresStore.create();
    PairCheck check =
        PairCheck.byMessageId("payments", Ledger.CONSUMER, Effects.select(Ledger.BY_ID)).build();
    try (HikariDataSource pool = Platform.pool(url, 4)) {
      DataSource watched = announcing(pool);
      Repairs repairs = Repairs.open(store, watched, List.of(check));
      try (Outbox outbox = Outbox.open(store, pool)) {
        apply(repairs, new RepairAction.Backfill(), "EFFECT_WITHOUT_HANDLING", "payments");
        apply(repairs, new RepairAction.ReSend(outbox), "NOT_ARRIVED", "shipments");
        apply(repairs, new RepairAction.ReOpen(), "HANDLED_WITHOUT_EFFECT", "payments");
      }
    }
    System.out.println("done");
  }

  private static void apply(Repairs repairs, RepairAction action, String kind, String check) {
    List<RepairResult> results =
        repairs.apply(
            RepairOrder.builder(action)
                .findings(FindingQuery.first(1).ofCheck(check).ofKind(kind))
                .reason("after the outage")
                .by("tester")
                .limit(1_000)
                .build());
    for (RepairResult result : results) {
      if (!(result instanceof RepairResult.Repaired)) {
        throw new IllegalStateException(result.toString());
      }
    }
  }

  private static DataSource announcing(DataSource pool) {
    return (DataSource)
        Proxy.newProxyInstance(
            RepairProcess.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("getConnection")) {
                System.out.println("c");
                System.out.flush();
                return pool.getConnection();
              }
              return method.invoke(pool, arguments);
            });
  }
}
