package io.inbox.internal.outbox;

import static io.inbox.internal.outbox.OutboxColumns.SLOT;

import io.inbox.spi.Store;
import java.sql.Connection;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Record6;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;

/** Who owns which slot until when, by the database's clock. */
final class LeaseRows {
  private static final Field<String> OWNER = OutboxColumns.text("owner");
  private static final Field<Long> EPOCH = DSL.field(DSL.name("epoch"), SQLDataType.BIGINT);
  private static final Field<OffsetDateTime> LEASE_UNTIL = OutboxColumns.time("lease_until");
  private static final Field<String> RELAY = OutboxColumns.text("relay");
  private static final Field<OffsetDateTime> ALIVE_UNTIL = OutboxColumns.time("alive_until");

  /** Rows of relays that died are kept for a while, for people who look. */
  private static final Duration REMEMBERED = Duration.ofHours(1);

  private final Store store;
  private final String owner;
  private final Duration lease;
  private final Table<Record> slots;
  private final Table<Record> relays;

  /** Selected by whatever locks slots, so that the locks of a relay that is lost end, too. */
  private final Field<String> bounded;

  LeaseRows(Store store, String owner, Duration lease) {
    this.store = store;
    this.owner = owner;
    this.lease = lease;
    this.slots = OutboxColumns.table(store, "outbox_slot");
    this.relays = OutboxColumns.table(store, "outbox_relay");
    this.bounded = store.outbox().endWhenSilent(lease);
  }

  /**
   * What the tables say.
   *
   * @param mine the epochs of the slots this relay holds
   * @param free slots that nobody holds, or whose lease is over
   * @param shares how many slots each other relay holds
   * @param relays how many relays are alive, this one included
   */
  record View(
      Map<Integer, Long> mine, List<Integer> free, Collection<Integer> shares, int relays) {}

  /** Says that this relay is alive, renews what it holds, and returns what there is. */
  View heartbeat(Connection connection) {
    DSLContext dsl = on(connection);
    Field<Integer> alive =
        DSL.field(
            DSL.selectCount()
                .from(relays)
                .where(ALIVE_UNTIL.gt(DSL.currentOffsetDateTime()).and(RELAY.ne(owner))));
    List<Record6<Short, String, Long, OffsetDateTime, OffsetDateTime, Integer>> rows =
        dsl.select(SLOT, OWNER, EPOCH, LEASE_UNTIL, DSL.currentOffsetDateTime(), alive)
            .from(slots)
            .orderBy(SLOT)
            .fetch();
    OffsetDateTime now = rows.get(0).value5();
    int others = rows.get(0).value6();
    Set<Integer> renewed = renew(dsl, now);
    announce(dsl, now);
    return view(rows, now, renewed, others + 1);
  }

  private View view(
      List<Record6<Short, String, Long, OffsetDateTime, OffsetDateTime, Integer>> rows,
      OffsetDateTime now,
      Set<Integer> renewed,
      int alive) {
    Map<Integer, Long> mine = new TreeMap<>();
    List<Integer> free = new ArrayList<>();
    Map<String, Integer> shares = new HashMap<>();
    rows.forEach(
        row -> {
          int slot = row.value1();
          @Nullable String holder = row.value2();
          if (owner.equals(holder) && renewed.contains(slot)) {
            mine.put(slot, row.value3());
          } else if (holder == null || row.value4() == null || !row.value4().isAfter(now)) {
            free.add(slot);
          } else {
            shares.merge(holder, 1, Integer::sum);
          }
        });
    return new View(mine, free, shares.values(), alive);
  }

  /** Renews also a lease that is over, as long as nobody has taken the slot. */
  private Set<Integer> renew(DSLContext dsl, OffsetDateTime now) {
    Set<Integer> renewed = new HashSet<>();
    Condition held = OWNER.eq(owner);
    // First the locks, in the order in which the workers take them: an UPDATE goes by no order.
    dsl.select(SLOT, bounded)
        .from(slots)
        .where(held)
        .orderBy(SLOT)
        .forUpdate()
        .forEach(row -> renewed.add(row.value1().intValue()));
    if (!renewed.isEmpty()) {
      dsl.update(slots).set(LEASE_UNTIL, now.plus(lease)).where(held).execute();
    }
    return renewed;
  }

  private void announce(DSLContext dsl, OffsetDateTime now) {
    OffsetDateTime until = now.plus(lease);
    if (dsl.update(relays).set(ALIVE_UNTIL, until).where(RELAY.eq(owner)).execute() == 0) {
      dsl.insertInto(relays).set(RELAY, owner).set(ALIVE_UNTIL, until).execute();
      dsl.deleteFrom(relays).where(ALIVE_UNTIL.lt(now.minus(REMEMBERED))).execute();
    }
  }

  /**
   * Takes slots that are free, each under a new epoch. The condition is checked again once the row
   * is locked, so of two relays one gets it. A row that somebody else has locked is passed over: a
   * relay that was lost in the middle of a transaction holds up its own slots only.
   *
   * @return the epochs of those it got
   */
  Map<Integer, Long> take(Connection connection, List<Integer> wanted) {
    DSLContext dsl = on(connection);
    Condition free =
        OWNER.isNull().or(LEASE_UNTIL.isNull()).or(LEASE_UNTIL.le(DSL.currentOffsetDateTime()));
    Map<Short, Long> epochs =
        dsl.select(SLOT, EPOCH, bounded)
            .from(slots)
            .where(SLOT.in(wanted.stream().map(Integer::shortValue).toList()).and(free))
            .orderBy(SLOT)
            .forUpdate()
            .skipLocked()
            .fetchMap(SLOT, EPOCH);
    if (epochs.isEmpty()) {
      return Map.of();
    }
    OffsetDateTime until =
        dsl.select(DSL.currentOffsetDateTime())
            .fetchSingle(DSL.currentOffsetDateTime())
            .plus(lease);
    dsl.update(slots)
        .set(OWNER, owner)
        .set(EPOCH, EPOCH.plus(1))
        .set(LEASE_UNTIL, until)
        .where(SLOT.in(epochs.keySet()))
        .execute();
    Map<Integer, Long> taken = new TreeMap<>();
    epochs.forEach((slot, epoch) -> taken.put(slot.intValue(), epoch + 1));
    return taken;
  }

  /** Gives slots back, where this relay holds them still. */
  void release(Connection connection, Map<Integer, Long> epochs) {
    DSLContext dsl = on(connection);
    epochs.forEach(
        (slot, epoch) ->
            dsl.update(slots)
                .setNull(OWNER)
                .setNull(LEASE_UNTIL)
                .where(SLOT.eq(slot.shortValue()))
                .and(OWNER.eq(owner))
                .and(EPOCH.eq(epoch))
                .execute());
  }

  /** Says that this relay is gone. */
  void leave(Connection connection) {
    on(connection).deleteFrom(relays).where(RELAY.eq(owner)).execute();
  }

  /** Locks slots until the transaction ends; returns those that are held under these epochs. */
  Set<Integer> hold(Connection connection, Map<Integer, Long> epochs) {
    Set<Integer> held = new HashSet<>();
    on(connection)
        .select(SLOT, EPOCH, bounded)
        .from(slots)
        .where(SLOT.in(epochs.keySet().stream().map(Integer::shortValue).toList()))
        .and(OWNER.eq(owner))
        .orderBy(SLOT)
        .forUpdate()
        .forEach(
            row -> {
              int slot = row.value1();
              if (row.value2().equals(epochs.get(slot))) {
                held.add(slot);
              }
            });
    return held;
  }

  private DSLContext on(Connection connection) {
    return OutboxColumns.on(store, connection);
  }
}
