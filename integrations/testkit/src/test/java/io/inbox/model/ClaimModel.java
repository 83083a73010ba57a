package io.inbox.model;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The claim protocol: some workers, some deliveries of one message, and the database, which keeps
 * the key's row, the effect, the count of attempts and the dead letter.
 *
 * <p>A worker takes a delivery, claims the key, handles, checks, commits, and acknowledges; what
 * fails is counted in a transaction of its own, and given up after the last attempt. At each step a
 * fault may strike, as long as there are any left: the worker is killed, its connection is lost,
 * its transaction loses a race, its wait for a key or its patience ends, a failed statement is
 * swallowed, a commit stays in doubt. A session whose worker is gone keeps its locks until the
 * server ends it; a commit in doubt is applied, or not, at any time later. The handler may fail
 * without any fault.
 *
 * <p>One key is enough: deliveries of different keys share no row.
 */
final class ClaimModel implements Model<ClaimInvariant> {
  static final int HANDLED = 1;
  static final int DEAD = 2;

  private static final int ROW = 0;
  private static final int EFFECTS = 1;
  private static final int ATTEMPTS = 2;
  private static final int LETTERS = 3;
  private static final int KEY_LOCK = 4;
  private static final int COUNT_LOCK = 5;
  private static final int FAULTS = 6;
  private static final int COPIES = 7;

  private static final int QUEUED = 0;
  private static final int TAKEN = 1;
  private static final int ACKNOWLEDGED = 2;
  private static final int FORGOTTEN = 3;
  private static final int AGAIN = 4;

  private static final int PLACE = 0;
  private static final int COPY = 1;
  private static final int DOUBT = 2;
  private static final int WORKER_BYTES = 3;

  /** What a transaction has written and not committed; the count is stored one higher. */
  private static final int NEW_ROW = 0;

  private static final int NEW_EFFECT = 1;
  private static final int NEW_ATTEMPTS = 2;
  private static final int NEW_LETTER = 3;
  private static final int ABORTED = 4;
  private static final int FATE = 5;
  private static final int SESSION_BYTES = 6;

  private static final int LIVE = 0;
  private static final int ENDING = 1;
  private static final int COMMITTING = 2;

  private static final int IDLE = 0;
  private static final int CLAIM = 1;
  private static final int HANDLE = 2;
  private static final int FORGET = 3;
  private static final int GUARD = 4;
  private static final int COMMIT = 5;
  private static final int COMMIT_DUPLICATE = 6;
  private static final int ACKNOWLEDGE = 7;
  private static final int COUNT = 8;
  private static final int LAST_CLAIM = 9;
  private static final int COMMIT_COUNT = 10;
  private static final int COMMIT_END = 11;

  private final int workers;
  private final int copies;
  private final int maxAttempts;
  private final int faults;
  private final @Nullable ClaimMutant mutant;

  ClaimModel(int workers, int copies, int maxAttempts, int faults, @Nullable ClaimMutant mutant) {
    this.workers = workers;
    this.copies = copies;
    this.maxAttempts = maxAttempts;
    this.faults = faults;
    this.mutant = mutant;
  }

  @Override
  public byte[] start() {
    byte[] state = new byte[COPIES + copies + workers * (WORKER_BYTES + 2 * SESSION_BYTES)];
    state[FAULTS] = (byte) faults;
    return state;
  }

  /** What anybody can see who looks at the database and at the broker. */
  static int seen(int row, int effects, int attempts, int letters, int acknowledged) {
    return (((row * 8 + effects) * 8 + attempts) * 8 + letters) * 8 + acknowledged;
  }

  /** Returns what was seen in words. */
  static String told(int seen) {
    return "row %s, effects %d, attempts %d, letters %d, acknowledged %d"
        .formatted(
            List.of("none", "handled", "dead").get(seen >> 12),
            seen >> 9 & 7,
            seen >> 6 & 7,
            seen >> 3 & 7,
            seen & 7);
  }

  int seen(byte[] state) {
    return seen(
        state[ROW], state[EFFECTS], state[ATTEMPTS], state[LETTERS], count(state, ACKNOWLEDGED));
  }

  @Override
  public Optional<ClaimInvariant> broken(byte[] state) {
    if (state[EFFECTS] > 1) {
      return Optional.of(ClaimInvariant.TWICE);
    }
    if (state[LETTERS] > 1
        || (state[LETTERS] > 0 && (state[ROW] == HANDLED || state[EFFECTS] > 0))) {
      return Optional.of(ClaimInvariant.BOTH);
    }
    if ((state[ROW] == HANDLED) != (state[EFFECTS] == 1)) {
      return Optional.of(ClaimInvariant.TORN);
    }
    if (state[ROW] == 0 && count(state, ACKNOWLEDGED) > 0) {
      return Optional.of(ClaimInvariant.ACKNOWLEDGED);
    }
    int handling = 0;
    for (int session = 0; session < 2 * workers; session++) {
      boolean able = get(state, session, FATE) != ENDING && get(state, session, ABORTED) == 0;
      handling += able && get(state, session, NEW_EFFECT) > 0 ? 1 : 0;
    }
    return handling > 1 ? Optional.of(ClaimInvariant.ALONE) : Optional.empty();
  }

  @Override
  public Optional<ClaimInvariant> brokenAtEnd(byte[] state) {
    boolean over =
        count(state, ACKNOWLEDGED) == copies && state[KEY_LOCK] == 0 && state[COUNT_LOCK] == 0;
    return over ? Optional.empty() : Optional.of(ClaimInvariant.STUCK);
  }

  @Override
  public ClaimInvariant endless() {
    return ClaimInvariant.ENDLESS;
  }

  private int count(byte[] state, int what) {
    int count = 0;
    for (int copy = 0; copy < copies; copy++) {
      count += (state[COPIES + copy] & ~AGAIN) == what ? 1 : 0;
    }
    return count;
  }

  @Override
  public void steps(byte[] state, Steps steps) {
    for (int worker = 0; worker < workers; worker++) {
      step(new Turn(state, worker, steps), at(state, worker, PLACE));
      lost(state, workers + worker, steps);
    }
  }

  private void step(Turn turn, int place) {
    switch (place) {
      case IDLE -> turn.take();
      case CLAIM -> turn.claim();
      case HANDLE -> turn.handle();
      case FORGET -> turn.forget();
      case GUARD -> turn.guard();
      case COMMIT -> turn.commit(ACKNOWLEDGE);
      case COMMIT_DUPLICATE -> turn.commit(ACKNOWLEDGE);
      case COMMIT_COUNT -> turn.commit(IDLE);
      case COMMIT_END -> turn.commit(ACKNOWLEDGE);
      case ACKNOWLEDGE -> turn.acknowledge();
      case COUNT -> turn.count();
      case LAST_CLAIM -> turn.lastClaim();
      default -> throw new IllegalStateException("place " + place);
    }
    if (place != IDLE) {
      turn.kill();
    }
  }

  /** What the server does with a session that has lost its client. */
  private void lost(byte[] state, int session, Steps steps) {
    int fate = get(state, session, FATE);
    if (fate != LIVE) {
      byte[] next = state.clone();
      end(next, session);
      steps.to(session, "the server rolls the lost session back", next);
    }
    if (fate == COMMITTING) {
      byte[] next = state.clone();
      apply(next, session);
      steps.to(session, "the server applies the commit in doubt", next);
    }
  }

  private int at(byte[] state, int worker, int field) {
    return state[COPIES + copies + worker * WORKER_BYTES + field];
  }

  private void at(byte[] state, int worker, int field, int value) {
    state[COPIES + copies + worker * WORKER_BYTES + field] = (byte) value;
  }

  private int place(int session, int field) {
    return COPIES + copies + workers * WORKER_BYTES + session * SESSION_BYTES + field;
  }

  private int get(byte[] state, int session, int field) {
    return state[place(session, field)];
  }

  private void set(byte[] state, int session, int field, int value) {
    state[place(session, field)] = (byte) value;
  }

  private boolean is(ClaimMutant which) {
    return mutant == which;
  }

  private void apply(byte[] state, int session) {
    if (get(state, session, ABORTED) == 0) {
      if (get(state, session, NEW_ROW) != 0) {
        state[ROW] = (byte) get(state, session, NEW_ROW);
      }
      state[EFFECTS] += (byte) get(state, session, NEW_EFFECT);
      state[LETTERS] += (byte) get(state, session, NEW_LETTER);
      if (get(state, session, NEW_ATTEMPTS) > 0) {
        state[ATTEMPTS] = (byte) (get(state, session, NEW_ATTEMPTS) - 1);
      }
    }
    end(state, session);
  }

  /** The transaction is over, its locks are free. */
  private void end(byte[] state, int session) {
    for (int field = 0; field < SESSION_BYTES; field++) {
      set(state, session, field, 0);
    }
    unlock(state, KEY_LOCK, session);
    unlock(state, COUNT_LOCK, session);
  }

  private static void unlock(byte[] state, int lock, int session) {
    if (state[lock] == session + 1) {
      state[lock] = 0;
    }
  }

  /** The client is gone; what its session holds is held until the server ends it. */
  private void lose(byte[] state, int worker, int fate) {
    boolean holds = state[KEY_LOCK] == worker + 1 || state[COUNT_LOCK] == worker + 1;
    boolean wrote = get(state, worker, NEW_EFFECT) > 0; // of mutants, which hold no lock
    if (!holds && !wrote) {
      end(state, worker);
      return;
    }
    int session = workers + worker;
    for (int field = 0; field < SESSION_BYTES; field++) {
      set(state, session, field, get(state, worker, field));
    }
    set(state, session, FATE, fate);
    relock(state, KEY_LOCK, worker, session);
    relock(state, COUNT_LOCK, worker, session);
    end(state, worker);
  }

  private static void relock(byte[] state, int lock, int worker, int session) {
    if (state[lock] == worker + 1) {
      state[lock] = (byte) (session + 1);
    }
  }

  /** What one worker can do next. */
  private final class Turn {
    private final byte[] state;
    private final int worker;
    private final Steps steps;
    private final boolean faulty;
    private final boolean mayBeLost;

    Turn(byte[] state, int worker, Steps steps) {
      this.state = state;
      this.worker = worker;
      this.steps = steps;
      this.faulty = state[FAULTS] > 0;
      this.mayBeLost = faulty && get(state, workers + worker, FATE) == LIVE;
    }

    private byte[] next(int place) {
      byte[] next = state.clone();
      at(next, worker, PLACE, place);
      return next;
    }

    private byte[] fault(int place) {
      byte[] next = next(place);
      next[FAULTS]--;
      return next;
    }

    private void to(String what, byte[] next) {
      steps.to(worker, what, next);
    }

    /** The delivery goes back to the broker, the worker is free. */
    private byte[] back(byte[] next) {
      int copy = COPIES + at(next, worker, COPY);
      if ((next[copy] & ~AGAIN) == TAKEN) {
        next[copy] = QUEUED | AGAIN;
      }
      at(next, worker, PLACE, IDLE);
      at(next, worker, COPY, 0);
      at(next, worker, DOUBT, 0);
      return next;
    }

    private void answer(byte[] next) {
      next[COPIES + at(next, worker, COPY)] = ACKNOWLEDGED;
    }

    void take() {
      int taken = 0;
      for (int copy = 0; copy < copies; copy++) {
        int kind = 1 << state[COPIES + copy];
        if ((state[COPIES + copy] & ~AGAIN) == QUEUED && (taken & kind) == 0) {
          taken |= kind; // two that are alike are one choice
          byte[] next = next(CLAIM);
          next[COPIES + copy] |= (byte) TAKEN;
          at(next, worker, COPY, copy);
          to("takes delivery " + (copy + 1), next);
        }
      }
    }

    /** The worker's process is gone, and another one starts. */
    void kill() {
      if (mayBeLost) {
        byte[] next = fault(IDLE);
        lose(next, worker, ENDING);
        to("is killed", back(next));
      }
    }

    private void cut(String what) {
      if (mayBeLost) {
        byte[] next = fault(IDLE);
        lose(next, worker, ENDING);
        to("loses its connection " + what, back(next));
      }
    }

    private boolean heldByAnother(int lock) {
      return state[lock] != 0 && state[lock] != worker + 1;
    }

    void claim() {
      cut("while it claims");
      boolean looks =
          is(ClaimMutant.SELECT_CLAIMS)
              || ((is(ClaimMutant.DOUBT_BY_SELECT) || is(ClaimMutant.DOUBT_BY_SELECT_OVERLAPS))
                  && at(state, worker, DOUBT) == 1);
      if (looks && state[ROW] == 0) {
        byte[] next = next(HANDLE);
        set(next, worker, NEW_ROW, HANDLED);
        to("sees no row", next);
      } else if (!looks && heldByAnother(KEY_LOCK)) {
        busy();
      } else if (state[ROW] != 0) {
        to("claims the key and has lost", next(COMMIT_DUPLICATE));
      } else {
        byte[] next = next(HANDLE);
        if (is(ClaimMutant.CLAIM_COMMITS_FIRST)) {
          next[ROW] = HANDLED;
        } else {
          next[KEY_LOCK] = (byte) (worker + 1);
          set(next, worker, NEW_ROW, HANDLED);
        }
        if (is(ClaimMutant.ACKNOWLEDGES_FIRST)) {
          answer(next);
        }
        to("claims the key and has won", next);
      }
    }

    private void busy() {
      if (faulty) {
        byte[] next = fault(IDLE);
        end(next, worker);
        if (is(ClaimMutant.BUSY_IS_DUPLICATE)) {
          answer(next);
        } else if (is(ClaimMutant.BUSY_IS_FORGOTTEN)) {
          next[COPIES + at(next, worker, COPY)] = FORGOTTEN;
        }
        to("has waited too long for the key", back(next));
      }
    }

    void handle() {
      cut("in the handler");
      int then = (state[COPIES + at(state, worker, COPY)] & AGAIN) > 0 ? FORGET : GUARD;
      byte[] next = next(then);
      if (is(ClaimMutant.EFFECT_COMMITS_FIRST)) {
        next[EFFECTS]++;
      } else {
        set(next, worker, NEW_EFFECT, 1);
      }
      to("handles", next);
      byte[] failed = next(COUNT);
      end(failed, worker);
      to("fails to handle and rolls back", failed);
      if (faulty) {
        byte[] swallowed = fault(GUARD);
        set(swallowed, worker, NEW_EFFECT, 1);
        set(swallowed, worker, ABORTED, 1);
        to("handles and swallows a failed statement", swallowed);
        byte[] race = fault(CLAIM);
        end(race, worker);
        to("loses a race in the handler and begins again", race);
      }
    }

    /** A transaction that has not committed its count is not seen, and its row not waited for. */
    void forget() {
      if (state[ATTEMPTS] == 0) {
        to("finds no attempts to forget", next(GUARD));
      } else if (!heldByAnother(COUNT_LOCK)) {
        byte[] next = next(GUARD);
        next[COUNT_LOCK] = (byte) (worker + 1);
        set(next, worker, NEW_ATTEMPTS, 1);
        to("forgets the attempts", next);
      } else {
        deadlock(state[COUNT_LOCK] - 1);
      }
    }

    /**
     * Whoever holds the count waits for the key that this worker holds: the database ends one of
     * the two, and the other has what it waits for.
     */
    private void deadlock(int other) {
      if (other >= workers || at(state, other, PLACE) != LAST_CLAIM) {
        return;
      }
      byte[] victim = next(CLAIM);
      end(victim, worker);
      victim[KEY_LOCK] = (byte) (other + 1);
      to("is ended in a deadlock and begins again", victim);
      byte[] winner = next(GUARD);
      end(winner, other);
      at(winner, other, PLACE, COUNT);
      winner[COUNT_LOCK] = (byte) (worker + 1);
      set(winner, worker, NEW_ATTEMPTS, 1);
      to("forgets the attempts, the other is ended in a deadlock", winner);
    }

    void guard() {
      if (get(state, worker, ABORTED) == 1 && !is(ClaimMutant.NO_GUARD)) {
        byte[] next = next(COUNT);
        end(next, worker);
        to("finds its transaction broken and rolls back", next);
      } else {
        to("finds its transaction sound", next(COMMIT));
      }
    }

    void commit(int then) {
      byte[] next = next(then);
      apply(next, worker);
      to("commits", then == IDLE ? back(next) : next);
      if (!mayBeLost) {
        return;
      }
      boolean first = at(state, worker, PLACE) <= COMMIT_DUPLICATE && at(state, worker, DOUBT) == 0;
      byte[] doubt = fault(first ? CLAIM : IDLE);
      lose(doubt, worker, COMMITTING);
      at(doubt, worker, DOUBT, first ? 1 : 0);
      if (is(ClaimMutant.DOUBT_IS_COMMIT)) {
        answer(doubt);
        first = false;
      }
      to(
          first ? "loses its connection in COMMIT, claims again" : "loses its connection in COMMIT",
          first ? doubt : back(doubt));
      byte[] killed = fault(IDLE);
      lose(killed, worker, COMMITTING);
      to("is killed in COMMIT", back(killed));
    }

    void acknowledge() {
      byte[] next = next(IDLE);
      answer(next);
      to("acknowledges", back(next));
    }

    void count() {
      cut("while it counts");
      if (heldByAnother(COUNT_LOCK)) {
        return;
      }
      int attempt = state[ATTEMPTS] + 1;
      byte[] next = next(attempt < maxAttempts ? COMMIT_COUNT : LAST_CLAIM);
      if (is(ClaimMutant.COUNTS_IN_VAIN)) {
        to("counts attempt " + attempt + " and rolls back", back(next));
        return;
      }
      next[COUNT_LOCK] = (byte) (worker + 1);
      set(next, worker, NEW_ATTEMPTS, attempt + 1);
      to("counts attempt " + attempt, next);
    }

    void lastClaim() {
      cut("before it gives up");
      if (is(ClaimMutant.GIVES_UP_UNCLAIMED)) {
        byte[] next = next(COMMIT_END);
        set(next, worker, NEW_LETTER, 1);
        to("gives up without a claim", next);
      } else if (state[KEY_LOCK] == worker + 1 || (state[KEY_LOCK] == 0 && state[ROW] == 0)) {
        byte[] next = next(COMMIT_END);
        next[KEY_LOCK] = (byte) (worker + 1);
        set(next, worker, NEW_ROW, is(ClaimMutant.LETTER_LEAVES_KEY) ? 0 : DEAD);
        set(next, worker, NEW_LETTER, 1);
        set(next, worker, NEW_ATTEMPTS, 1);
        to("claims the key and gives up", next);
      } else if (state[KEY_LOCK] != 0) {
        busy();
      } else {
        to("claims the key to give up and has lost", next(COMMIT_END));
      }
    }
  }
}
