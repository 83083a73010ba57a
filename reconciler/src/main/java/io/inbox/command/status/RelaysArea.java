package io.inbox.command.status;

import io.inbox.command.output.Block;
import io.inbox.command.output.Grid;
import io.inbox.command.output.Metrics;
import io.inbox.command.output.Words;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The slots of the outbox, and the relays that own them. */
final class RelaysArea implements Area {
  private final View view;
  private final List<Relay> relays;
  private final Map<String, Long> owned;
  private final long slots;
  private final long ownerless;
  private final long waitingWithoutOwner;

  private RelaysArea(View view) throws SQLException {
    this.view = view;
    List<Slot> found = slots();
    this.slots = found.size();
    this.owned = new HashMap<>();
    found.stream().filter(this::held).forEach(slot -> owned.merge(slot.owner(), 1L, Long::sum));
    this.ownerless = found.stream().filter(slot -> !held(slot)).count();
    this.waitingWithoutOwner =
        found.stream().filter(slot -> !held(slot) && waitsLong(slot.head())).count();
    this.relays = relays();
  }

  static Area read(View view) throws SQLException {
    return new RelaysArea(view);
  }

  // Locks: none. Index: the primary key of outbox, one look for each slot.
  private List<Slot> slots() throws SQLException {
    return view.query()
        .list(
            """
            SELECT s."owner", s."lease_until",
              (SELECT o."appended_at" FROM %s o WHERE o."slot" = s."slot" ORDER BY o."id" FETCH FIRST 1 ROW ONLY)
            FROM %s s"""
                .formatted(view.tables().quoted("outbox"), view.tables().quoted("outbox_slot")),
            row -> new Slot(row.string(1), row.time(2), row.time(3)));
  }

  // Locks: none. Reads the whole table, which has a row for each relay of late.
  private List<Relay> relays() throws SQLException {
    return view.query()
        .list(
            "SELECT \"relay\", \"alive_until\" FROM "
                + view.tables().quoted("outbox_relay")
                + " ORDER BY \"relay\"",
            row -> new Relay(row.string(1), row.time(2)));
  }

  private boolean held(Slot slot) {
    return !slot.owner().isEmpty() && later(slot.leaseUntil());
  }

  private boolean waitsLong(@Nullable Instant head) {
    return head != null && head.plus(view.maxLag()).isBefore(view.now());
  }

  private boolean later(@Nullable Instant time) {
    return time != null && time.isAfter(view.now());
  }

  private long alive() {
    return relays.stream().filter(relay -> later(relay.aliveUntil())).count();
  }

  @Override
  public void show(Block block) {
    Grid grid =
        new Grid("relays", "Relays", "none")
            .text("relay", "relay")
            .column("alive", "alive")
            .column("slots", "slots")
            .column("aliveUntil", "alive until");
    relays.forEach(
        relay ->
            grid.row(
                relay.name(),
                later(relay.aliveUntil()),
                owned.getOrDefault(relay.name(), 0L),
                relay.aliveUntil()));
    block.object(
        "slots",
        "Slots",
        new Block().fact("total", "slots", slots).fact("ownerless", "without a relay", ownerless));
    block.grid(grid);
  }

  @Override
  public void measure(Metrics metrics) {
    metrics
        .gauge("inbox_outbox_slots", "Slots of the outbox.")
        .gauge("inbox_outbox_slots_ownerless", "Slots that no relay owns.")
        .gauge("inbox_relays_alive", "Relays that are alive.")
        .sample("inbox_outbox_slots", slots)
        .sample("inbox_outbox_slots_ownerless", ownerless)
        .sample("inbox_relays_alive", alive());
  }

  @Override
  public void attend(Attention attention) {
    if (waitingWithoutOwner > 0) {
      attention.add(
          "relays",
          "messages wait in "
              + Words.count(waitingWithoutOwner, "slot")
              + " that no relay owns; "
              + Words.count(alive(), "relay")
              + " alive",
          "start a relay: inbox relay");
    }
  }

  /** A slot: its owner, its lease, and since when its oldest message waits. */
  private record Slot(String owner, @Nullable Instant leaseUntil, @Nullable Instant head) {}

  /** A relay. */
  private record Relay(String name, @Nullable Instant aliveUntil) {}
}
