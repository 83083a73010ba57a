package io.inbox.model;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A database of one key that behaves like PostgreSQL where it matters: an insert waits for a
 * concurrent one on its key, a failed statement dooms its transaction and COMMIT then rolls back
 * and reports success, a session whose client is gone keeps its locks until the server ends it, and
 * a COMMIT whose client is gone is carried out or not, at any time later.
 *
 * <p>Every call is a point of the scheduler, and most are places where a fault may strike.
 */
final class MemoryDatabase {
  static final int HANDLED = ClaimModel.HANDLED;
  static final int DEAD = ClaimModel.DEAD;

  private final Scheduler scheduler;
  private final EngineMutant mutant;
  private final Runnable changed;
  private final List<Session> lost = new ArrayList<>();
  private final Lock key = new Lock();
  private final Lock count = new Lock();
  private int faults;
  int row;
  int effects;
  int attempts;
  int letters;

  /**
   * Creates an empty one.
   *
   * @param faults how many may strike
   * @param changed is told of what anybody can see
   */
  MemoryDatabase(Scheduler scheduler, int faults, EngineMutant mutant, Runnable changed) {
    this.scheduler = scheduler;
    this.faults = faults;
    this.mutant = mutant;
    this.changed = changed;
  }

  /** The process of a worker was killed; nothing it does reaches anybody any more. */
  static final class Killed extends Error {
    private static final long serialVersionUID = 1L;

    Killed() {
      super("killed", null, false, false);
    }
  }

  private static final class Lock {
    private Session holder;
  }

  boolean locked() {
    return key.holder != null || count.holder != null;
  }

  /** How many things the server could do on its own. */
  int events() {
    return lost.size();
  }

  /** The server ends a lost session, or carries out its commit. */
  void event() {
    Session session = lost.get(scheduler.choose(lost.size()));
    if (session.committing && scheduler.choose(2) == 0) {
      session.apply();
    } else {
      session.end();
    }
  }

  /** Returns whether a fault strikes, one time in some. */
  boolean strikes(int oneIn) {
    if (faults > 0 && scheduler.choose(oneIn) == 0) {
      faults--;
      return true;
    }
    return false;
  }

  Session connect(Worker worker) {
    return new Session(worker);
  }

  /** The process that has opened a session. */
  static final class Worker {
    private boolean killed;

    boolean killed() {
      return killed;
    }
  }

  /** A connection and its transaction. */
  final class Session {
    private final Worker worker;
    private Lock waitsFor;
    private int newRow;
    private int newEffects;
    private int newAttempts;
    private int newLetters;
    private boolean aborted;
    private boolean broken;
    private boolean committing;

    private Session(Worker worker) {
      this.worker = worker;
    }

    private void point() {
      if (worker.killed) {
        throw new Killed();
      }
      scheduler.point(() -> true);
    }

    /** A statement begins: it may be the one that is cut off, or kills. */
    private void statement() throws SQLException {
      point();
      if (broken) {
        throw new SQLException("no connection", "08003");
      }
      if (strikes(10)) {
        lose(false);
        if (scheduler.choose(2) == 0) {
          worker.killed = true;
          throw new Killed();
        }
        throw new SQLException("connection lost", "08006");
      }
      if (aborted) {
        throw new SQLException("current transaction is aborted", "25P02");
      }
    }

    private void lose(boolean inCommit) {
      broken = true;
      committing = inCommit;
      lost.add(this);
    }

    /** Returns 0 for won, what the row says for lost, and -1 after too long a wait. */
    int claim() throws SQLException {
      statement();
      boolean looks = mutant == EngineMutant.SELECT_CLAIMS;
      if (!looks && !await(key, true)) {
        return -1;
      }
      if (row != 0) {
        return row;
      }
      if (!looks) {
        key.holder = this;
      }
      newRow = HANDLED;
      return 0;
    }

    void giveUp() throws SQLException {
      statement();
      newLetters = 1;
    }

    void markDead() throws SQLException {
      statement();
      newRow = DEAD;
    }

    /** The handler's statement. */
    void effect() throws SQLException {
      statement();
      if (strikes(8)) {
        aborted = true;
        throw new SQLException("could not serialize access", "40001");
      }
      if (strikes(8)) {
        aborted = true;
        throw new SQLException("division by zero", "22012");
      }
      newEffects++;
    }

    int countAttempt() throws SQLException {
      statement();
      await(count, false);
      count.holder = this;
      newAttempts = attempts + 2;
      return attempts + 1;
    }

    void forgetAttempts() throws SQLException {
      statement();
      if (attempts > 0 || count.holder == this) {
        await(count, false);
        if (attempts > 0 || count.holder == this) {
          count.holder = this;
          newAttempts = 1;
        }
      }
    }

    /** Waits for a lock; returns false when it has waited too long. */
    private boolean await(Lock lock, boolean bounded) throws SQLException {
      if (lock.holder == null || lock.holder == this) {
        return true;
      }
      waitsFor = lock;
      try {
        scheduler.point(() -> lock.holder == null || deadlocked(lock) || (bounded && faults > 0));
      } finally {
        waitsFor = null;
      }
      if (lock.holder == null) {
        return true;
      }
      if (deadlocked(lock)) {
        aborted = true;
        throw new SQLException("deadlock detected", "40P01");
      }
      faults--;
      aborted = true; // PostgreSQL: the statement that waited too long has failed
      return false;
    }

    private boolean deadlocked(Lock lock) {
      return lock.holder != null
          && lock.holder.waitsFor != null
          && lock.holder.waitsFor.holder == this;
    }

    void verify() throws SQLException {
      statement();
    }

    void commit() throws SQLException {
      point();
      if (broken) {
        throw new SQLException("no connection", "08003");
      }
      if (strikes(4)) {
        lose(true);
        if (mutant == EngineMutant.DOUBT_IS_COMMIT) {
          return;
        }
        if (scheduler.choose(3) == 0) {
          worker.killed = true;
          throw new Killed();
        }
        throw new SQLException("connection lost in COMMIT", "08006");
      }
      apply();
    }

    void rollback() throws SQLException {
      point();
      if (broken) {
        throw new SQLException("no connection", "08003");
      }
      end();
    }

    private void apply() {
      if (!aborted) {
        row = newRow == 0 ? row : newRow;
        effects += newEffects;
        attempts = newAttempts == 0 ? attempts : newAttempts - 1;
        letters += newLetters;
      }
      end();
      changed.run();
    }

    private void end() {
      newRow = 0;
      newEffects = 0;
      newAttempts = 0;
      newLetters = 0;
      aborted = false;
      committing = false;
      lost.remove(this);
      for (Lock lock : List.of(key, count)) {
        if (lock.holder == this) {
          lock.holder = null;
        }
      }
    }
  }
}
