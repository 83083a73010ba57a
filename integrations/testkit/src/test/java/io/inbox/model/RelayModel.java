package io.inbox.model;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The ownership of one slot of the outbox: two relays, and transactions that append one row each,
 * by turns of two keys. A row draws its id long before it commits, or rolls back; those of one key
 * hold a common lock.
 *
 * <p>Each relay has a keeper (look, take under a new epoch, renew, forget, give back) beside its
 * worker (begin, read under the epoch, look at the lease, publish row by row, write what came of it
 * under the epoch, move the bound). As long as faults are left, a relay is killed and started under
 * another name, is paused until its lease is over, gives its slot back, fails to publish, or does
 * not learn whether its last transaction was applied.
 *
 * <p>One slot is enough: a slot is owned, read and written alone.
 */
final class RelayModel implements Model<RelayInvariant> {
  private static final int RELAYS = 2;
  private static final int KEYS = 2;

  /** What a step breaks, and not a state. */
  private static final List<RelayInvariant> BY_STEP =
      List.of(RelayInvariant.EPOCH, RelayInvariant.OWNER, RelayInvariant.ORDER);

  private static final int OWNER = 0;
  private static final int EPOCH = 1;
  private static final int LEASE = 2;
  private static final int GRANTED = 3;
  private static final int BROKEN = 4;
  private static final int FAULTS = 5;
  private static final int ROWS = 6;

  private static final int DEAD_OWNER = 9;

  private static final int ABSENT = 0;
  private static final int DRAWN = 1;
  private static final int COMMITTED = 2;
  private static final int PARKED = 3;
  private static final int GONE = 4;
  private static final int ROLLED_BACK = 5;
  private static final int PUBLISHED = 8;

  private static final int VIEW = 0;
  private static final int OWNED = 1;
  private static final int LEASED = 2;
  private static final int LOADED = 3;
  private static final int LANES = 4;
  private static final int LOW = 5;
  private static final int REACHED = 6;
  private static final int SETTLED = 7;
  private static final int SEEN = 8;
  private static final int HOLDERS = 9;
  private static final int PLACE = 10;
  private static final int CYCLE = 11;
  private static final int BATCH = 12;
  private static final int BEHIND = 13;
  private static final int READING = 14;
  private static final int NEXT = 15;
  private static final int SENT = 16;
  private static final int FAILED = 17;
  private static final int RELAY_BYTES = 18;

  private static final int IDLE = 0;
  private static final int READ = 1;
  private static final int CHECK = 2;
  private static final int PUBLISH = 3;
  private static final int WRITE = 4;

  private final int rows;
  private final int faults;
  private final @Nullable RelayMutant mutant;

  RelayModel(int rows, int faults, @Nullable RelayMutant mutant) {
    this.rows = rows;
    this.faults = faults;
    this.mutant = mutant;
  }

  @Override
  public byte[] start() {
    byte[] state = new byte[ROWS + rows + RELAYS * RELAY_BYTES];
    state[FAULTS] = (byte) faults;
    return state;
  }

  @Override
  public Optional<RelayInvariant> broken(byte[] state) {
    if (state[BROKEN] != 0) {
      return Optional.of(BY_STEP.get(state[BROKEN] - 1));
    }
    for (int row = 0; row < rows; row++) {
      if (status(state, row) == GONE && !published(state, row)) {
        return Optional.of(RelayInvariant.LOST);
      }
      for (int relay = 0; relay < RELAYS; relay++) {
        if (owns(state, relay, get(state, relay, OWNED))
            && status(state, row) == COMMITTED
            && row + 1 <= get(state, relay, LOW)) {
          return Optional.of(RelayInvariant.SKIPPED);
        }
      }
    }
    return Optional.empty();
  }

  @Override
  public Optional<RelayInvariant> brokenAtEnd(byte[] state) {
    for (int row = 0; row < rows; row++) {
      int status = status(state, row);
      if (status != ROLLED_BACK && (status != GONE || !published(state, row))) {
        return Optional.of(RelayInvariant.UNPUBLISHED);
      }
    }
    return Optional.empty();
  }

  @Override
  public RelayInvariant endless() {
    return RelayInvariant.ENDLESS;
  }

  @Override
  public void steps(byte[] state, Steps steps) {
    for (int relay = 0; relay < RELAYS; relay++) {
      new Turn(state, relay, steps).all();
    }
    boolean held = state[OWNER] >= 1 && state[OWNER] <= RELAYS;
    boolean over = !held || get(state, state[OWNER] - 1, LEASED) == 0;
    if (state[LEASE] == 1 && (over || state[FAULTS] > 0) && !is(RelayMutant.LEASE_FOR_EVER)) {
      byte[] next = state.clone();
      next[LEASE] = 0;
      next[FAULTS] -= (byte) (over ? 0 : 1);
      steps.to(RELAYS, "the lease is over in the database" + (over ? "" : ", too early"), next);
    }
    for (int row = 0; row < rows; row++) {
      append(state, row, steps);
    }
  }

  /** Ids are drawn in order; whoever appends to a key holds its lock. */
  private void append(byte[] state, int row, Steps steps) {
    int who = RELAYS + 1 + row;
    if (status(state, row) == DRAWN) {
      byte[] committed = state.clone();
      committed[ROWS + row] = COMMITTED;
      steps.to(who, "commits row " + (row + 1), committed);
      byte[] back = state.clone();
      back[ROWS + row] = ROLLED_BACK;
      steps.to(who, "rolls row " + (row + 1) + " back", back);
    } else if (status(state, row) == ABSENT
        && (row == 0 || status(state, row - 1) != ABSENT)
        && (row < KEYS || status(state, row - KEYS) != DRAWN)) {
      byte[] next = state.clone();
      next[ROWS + row] = DRAWN;
      steps.to(who, "draws the id of row " + (row + 1), next);
    }
  }

  private boolean is(RelayMutant which) {
    return mutant == which;
  }

  private static int status(byte[] state, int row) {
    return state[ROWS + row] & ~PUBLISHED;
  }

  private static void status(byte[] state, int row, int status) {
    state[ROWS + row] = (byte) ((state[ROWS + row] & PUBLISHED) | status);
  }

  private static boolean published(byte[] state, int row) {
    return (state[ROWS + row] & PUBLISHED) != 0;
  }

  private int place(int relay, int field) {
    return ROWS + rows + relay * RELAY_BYTES + field;
  }

  private int get(byte[] state, int relay, int field) {
    return state[place(relay, field)];
  }

  private void set(byte[] state, int relay, int field, int value) {
    state[place(relay, field)] = (byte) value;
  }

  private static boolean owns(byte[] state, int relay, int epoch) {
    return epoch > 0 && state[OWNER] == relay + 1 && state[EPOCH] == epoch;
  }

  private static void breaks(byte[] state, RelayInvariant invariant) {
    if (state[BROKEN] == 0) {
      state[BROKEN] = (byte) (BY_STEP.indexOf(invariant) + 1);
    }
  }

  private static int lane(int row) {
    return 1 << (row % KEYS);
  }

  private static boolean has(int mask, int row) {
    return (mask & (1 << row)) != 0;
  }

  /** What one relay can do next. */
  private final class Turn {
    private final byte[] state;
    private final int relay;
    private final Steps steps;
    private final boolean faulty;

    Turn(byte[] state, int relay, Steps steps) {
      this.state = state;
      this.relay = relay;
      this.steps = steps;
      this.faulty = state[FAULTS] > 0;
    }

    private int my(int field) {
      return get(state, relay, field);
    }

    private void to(String what, byte[] next) {
      steps.to(relay, what, next);
    }

    private byte[] fault() {
      byte[] next = state.clone();
      next[FAULTS]--;
      return next;
    }

    void all() {
      keep();
      switch (my(PLACE)) {
        case IDLE -> begin();
        case READ -> read();
        case CHECK -> check();
        case PUBLISH -> publish();
        default -> write();
      }
      if (faulty && (my(OWNED) > 0 || my(PLACE) != IDLE)) {
        byte[] next = fault();
        for (int field = 0; field < RELAY_BYTES; field++) {
          set(next, relay, field, 0);
        }
        if (next[OWNER] == relay + 1) {
          next[OWNER] = DEAD_OWNER;
        }
        to("is killed, another one starts", next);
      }
    }

    private void keep() {
      boolean free = state[OWNER] == 0 || state[LEASE] == 0;
      boolean mine = owns(state, relay, my(OWNED));
      if (my(OWNED) > 0 && !mine) {
        byte[] next = state.clone();
        forget(next);
        to("learns that its slot was taken", next);
      }
      if (mine && (my(LEASED) == 0 || state[LEASE] == 0)) {
        byte[] next = state.clone();
        next[LEASE] = 1;
        set(next, relay, LEASED, 1);
        to("renews its lease", next);
      }
      if (my(VIEW) > 0) {
        to("takes the slot", taken(free));
      } else if (my(OWNED) == 0 && free) {
        byte[] next = state.clone();
        set(next, relay, VIEW, state[EPOCH] + 1);
        to("sees that the slot is free", next);
      }
      if (faulty && my(LEASED) == 1) {
        byte[] next = fault();
        set(next, relay, LEASED, 0);
        to("is past its lease", next);
      }
      if (faulty && mine && my(PLACE) == IDLE) {
        byte[] next = fault();
        next[OWNER] = 0;
        next[LEASE] = 0;
        forget(next);
        to("gives the slot back", next);
      }
    }

    private byte[] taken(boolean free) {
      byte[] next = state.clone();
      set(next, relay, VIEW, 0);
      boolean blind = is(RelayMutant.TAKES_WITHOUT_LOOKING);
      if (!free && !blind) {
        return next;
      }
      int epoch = blind ? my(VIEW) : state[EPOCH] + 1;
      if (is(RelayMutant.TAKES_UNDER_OLD_EPOCH)) {
        epoch = Math.max(1, state[EPOCH]);
      }
      if (epoch <= state[GRANTED]) {
        breaks(next, RelayInvariant.EPOCH);
      }
      next[GRANTED] = (byte) Math.max(epoch, state[GRANTED]);
      next[EPOCH] = (byte) epoch;
      next[OWNER] = (byte) (relay + 1);
      next[LEASE] = 1;
      forget(next);
      set(next, relay, OWNED, epoch);
      set(next, relay, LEASED, 1);
      return next;
    }

    /** What is remembered of the slot; a cycle that runs goes on. */
    private void forget(byte[] next) {
      for (int field = OWNED; field < PLACE; field++) {
        set(next, relay, field, 0);
      }
    }

    private int visible() {
      int visible = 0;
      for (int row = 0; row < rows; row++) {
        if (status(state, row) == COMMITTED && row + 1 > my(LOW)) {
          visible |= 1 << row;
        }
      }
      return visible;
    }

    private int all(int status) {
      int all = 0;
      for (int row = 0; row < rows; row++) {
        all |= status(state, row) == status ? 1 << row : 0;
      }
      return all;
    }

    private int lanes(int mask) {
      int lanes = 0;
      for (int row = 0; row < rows; row++) {
        lanes |= has(mask, row) ? lane(row) : 0;
      }
      return lanes;
    }

    /** Begins only where there is something to do: what finds nothing changes nothing. */
    private void begin() {
      if (my(OWNED) == 0 || my(LEASED) == 0 || (visible() | all(PARKED)) == 0) {
        return;
      }
      byte[] next = state.clone();
      set(next, relay, PLACE, READ);
      set(next, relay, CYCLE, my(OWNED));
      if (my(LOADED) == 0) {
        set(next, relay, LANES, lanes(all(PARKED)));
        set(next, relay, LOADED, 1);
      }
      if (my(HOLDERS) != 0) {
        int left = my(HOLDERS) & all(DRAWN);
        set(next, relay, HOLDERS, left);
        if (left == 0) {
          set(next, relay, SETTLED, my(SEEN));
        }
      }
      to("begins a cycle", next);
    }

    private void read() {
      byte[] next = state.clone();
      boolean mine = owns(state, relay, my(CYCLE)) || is(RelayMutant.READS_UNFENCED);
      int reading = mine ? visible() : 0;
      int batch = 0;
      int behind = 0;
      for (int row = 0; row < rows; row++) {
        boolean waits = (my(LANES) & lane(row)) != 0;
        if (has(reading, row)) {
          batch |= waits ? 0 : 1 << row;
          behind |= waits ? 1 << row : 0;
        } else if (waits && status(state, row) == PARKED) {
          batch |= 1 << row;
        }
      }
      set(next, relay, READING, reading);
      set(next, relay, BATCH, batch);
      set(next, relay, BEHIND, behind);
      set(next, relay, PLACE, CHECK);
      if ((batch | behind) == 0) {
        over(next);
      }
      to("reads", next);
    }

    private void check() {
      byte[] next = state.clone();
      if (my(LEASED) == 0 || my(CYCLE) != my(OWNED)) {
        set(next, relay, BATCH, 0);
        set(next, relay, PLACE, WRITE);
        to("finds its lease over and sends nothing", next);
        return;
      }
      if (is(RelayMutant.DELETES_FIRST)) {
        settleRows(next, my(BATCH), my(BEHIND));
      }
      set(next, relay, PLACE, my(BATCH) == 0 ? WRITE : PUBLISH);
      set(next, relay, NEXT, my(BATCH) == 0 ? 0 : Integer.numberOfTrailingZeros(my(BATCH)));
      to("finds its lease running", next);
    }

    private void publish() {
      int row = my(NEXT);
      boolean blocked = (lanes(my(FAILED)) & lane(row)) != 0 && !is(RelayMutant.LANE_GOES_ON);
      if (blocked) {
        byte[] next = state.clone();
        set(next, relay, FAILED, my(FAILED) | 1 << row);
        to("holds row " + (row + 1) + " back", after(next, row));
        return;
      }
      byte[] next = state.clone();
      next[ROWS + row] |= PUBLISHED;
      set(next, relay, SENT, my(SENT) | 1 << row);
      for (int earlier = row - KEYS; earlier >= 0; earlier -= KEYS) {
        if (status(state, earlier) != ROLLED_BACK && !published(state, earlier)) {
          breaks(next, RelayInvariant.ORDER);
        }
      }
      to("publishes row " + (row + 1), after(next, row));
      if (faulty) {
        byte[] failed = fault();
        set(failed, relay, FAILED, my(FAILED) | 1 << row);
        to("fails to publish row " + (row + 1), after(failed, row));
      }
    }

    private byte[] after(byte[] next, int row) {
      int left = my(BATCH) >> (row + 1);
      set(next, relay, PLACE, left == 0 ? WRITE : PUBLISH);
      set(next, relay, NEXT, left == 0 ? 0 : row + 1 + Integer.numberOfTrailingZeros(left));
      return next;
    }

    private void write() {
      boolean held = owns(state, relay, my(CYCLE));
      boolean unfenced = is(RelayMutant.DELETES_UNFENCED) || is(RelayMutant.PARKS_UNFENCED);
      int park = my(BEHIND) | my(FAILED);
      if ((my(SENT) | park) == 0) {
        byte[] next = state.clone();
        over(next);
        to("has nothing to write", next);
        return;
      }
      byte[] next = state.clone();
      if (held || unfenced) {
        if (is(RelayMutant.DELETES_UNFENCED) && !held) {
          breaks(next, RelayInvariant.OWNER);
        }
        settleRows(next, my(SENT), park);
      }
      if (held) {
        set(next, relay, LANES, lanes(parkedIn(next)));
        moveBound(next, my(SENT) | park);
      }
      over(next);
      to(held ? "writes what came of it" : "may not write, the slot is not its own", next);
      if (faulty) {
        byte[] lost = fault();
        boolean keeps = is(RelayMutant.DOUBT_KEEPS_LANES);
        set(lost, relay, LOADED, keeps ? my(LOADED) : 0);
        byte[] applied = lost.clone();
        over(lost);
        to("loses its connection before it has written", lost);
        if (held) {
          settleRows(applied, my(SENT), park);
          over(applied);
          to("has written and does not learn it", applied);
        }
      }
    }

    private int parkedIn(byte[] next) {
      int parked = 0;
      for (int row = 0; row < rows; row++) {
        parked |= status(next, row) == PARKED ? 1 << row : 0;
      }
      return parked;
    }

    /** Of rows that are no longer where they were read nothing is left to move. */
    private void settleRows(byte[] next, int sent, int park) {
      for (int row = 0; row < rows; row++) {
        boolean there = status(next, row) == COMMITTED || status(next, row) == PARKED;
        if (there && has(sent, row)) {
          status(next, row, GONE);
        } else if (there && has(park, row)) {
          status(next, row, is(RelayMutant.DROPS_FAILED) ? GONE : PARKED);
        }
      }
    }

    /** The settlement: the bound follows ids that nobody can commit any more. */
    private void moveBound(byte[] next, int dealtWith) {
      int reached = 0;
      boolean complete = true;
      for (int row = 0; row < rows && complete; row++) {
        if (has(my(READING), row)) {
          complete = has(dealtWith, row);
          reached = complete ? row + 1 : reached;
        }
      }
      int settled = my(SETTLED);
      int low = Math.max(my(LOW), complete ? settled : Math.min(settled, reached));
      if (is(RelayMutant.CURSOR)) {
        low = Math.max(my(LOW), reached);
      }
      set(next, relay, LOW, low);
      int far = Math.max(my(REACHED), reached);
      set(next, relay, REACHED, far);
      if (my(HOLDERS) == 0 && reached > settled) {
        int seen = Math.max(far, Integer.SIZE - Integer.numberOfLeadingZeros(visible()));
        int holders = is(RelayMutant.SETTLES_AT_ONCE) ? 0 : all(DRAWN);
        set(next, relay, SEEN, seen);
        set(next, relay, HOLDERS, holders);
        if (holders == 0) {
          set(next, relay, SETTLED, seen);
        }
      }
    }

    /** Ends the cycle. What finds the slot taken makes the keeper look at once. */
    private void over(byte[] next) {
      if (!owns(next, relay, my(CYCLE)) && my(CYCLE) == my(OWNED)) {
        forget(next);
      }
      for (int field = PLACE; field < RELAY_BYTES; field++) {
        set(next, relay, field, 0);
      }
    }
  }
}
