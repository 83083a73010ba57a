package io.inbox.reconciler.internal.builtin;

import io.inbox.jdbc.JdbcTransactions;
import io.inbox.reconciler.spi.CheckRun;
import io.inbox.reconciler.spi.Sighting;
import io.inbox.spi.StoreReport;

/** Settings of server, tables, indexes and sequences that promises hang on. */
public final class SettingsCheck extends BuiltIn {
  public SettingsCheck(BuiltInOptions options) {
    super("settings", options);
  }

  @Override
  boolean look(CheckRun run) throws Exception {
    // Not asked as the others are: a connection that only reads is one of the mistakes it refuses.
    StoreReport report =
        JdbcTransactions.on(run.dataSource())
            .inTransaction(tx -> run.store().inspect(tx.connection()));
    for (String remark : report.remarks()) {
      String item = remark.substring(0, firstWordsEnd(remark));
      run.found(
          Sighting.error("DURABILITY_REDUCED", item)
              .cause("a crash may lose acknowledged messages")
              .detail(remark)
              .build());
    }
    Catalogue catalogue = isPostgres(run) ? new PostgresCatalogue(run) : new H2Catalogue(run);
    catalogue.look();
    return true;
  }

  /** The remark without its remedy, which may be worded otherwise in another version. */
  private static int firstWordsEnd(String remark) {
    int comma = remark.indexOf(',');
    return comma < 0 ? remark.length() : comma;
  }
}
