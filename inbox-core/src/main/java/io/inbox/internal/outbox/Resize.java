package io.inbox.internal.outbox;

import static io.inbox.internal.outbox.OutboxColumns.SLOT;

import io.inbox.error.ConfigurationException;
import io.inbox.error.UsageException;
import io.inbox.spi.Store;
import io.inbox.spi.Transactions;
import java.sql.Connection;
import java.time.OffsetDateTime;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;

/** Changes the number of slots of an outbox that is empty and that no relay works on. */
public final class Resize {
  private static final int MOST = 32_767;
  private static final String[] HOLDERS = {"outbox", "outbox_delayed", "outbox_parked"};

  private Resize() {}

  /** Sets the number of slots, or throws and changes nothing. */
  public static void to(Store store, Transactions transactions, int slots) {
    if (slots < 1 || slots > MOST) {
      throw new ConfigurationException(
          "IBX-405", "slots is " + slots + ", it must be 1 to " + MOST);
    }
    if (store.restrictsByTenant()) {
      throw new UsageException(
          "IBX-402",
          "the store names a tenant, so messages of others would be overlooked and lose their order (open the outbox as the relay's role, with a store without rowLevelSecurity, then resize)");
    }
    OwnUnit.run(
        store,
        transactions,
        unit -> {
          resize(store, unit.connection(), slots);
          return slots;
        });
  }

  private static void resize(Store store, Connection connection, int slots) {
    DSLContext dsl = OutboxColumns.on(store, connection);
    Table<Record> table = OutboxColumns.table(store, "outbox_slot");
    Field<OffsetDateTime> leaseUntil = OutboxColumns.time("lease_until");
    // Locks every slot, so that no relay takes one meanwhile.
    int found = dsl.select(SLOT).from(table).orderBy(SLOT).forUpdate().fetch().size();
    if (dsl.fetchExists(table, leaseUntil.gt(DSL.currentOffsetDateTime()))) {
      throw new UsageException(
          "IBX-402",
          "a relay owns slots of the outbox at "
              + store.tables()
              + " (stop every relay and writer, then resize)");
    }
    for (String holder : HOLDERS) {
      if (dsl.fetchExists(OutboxColumns.table(store, holder))) {
        throw new UsageException(
            "IBX-402",
            "messages wait in "
                + store.tables().quoted(holder)
                + ": in other slots they would lose their order (stop every writer, let the relays empty it, stop them, then resize)");
      }
    }
    if (slots < found) {
      dsl.deleteFrom(table).where(SLOT.ge((short) slots)).execute();
    }
    for (int slot = found; slot < slots; slot++) {
      dsl.insertInto(table).set(SLOT, (short) slot).execute();
    }
  }
}
