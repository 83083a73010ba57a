package io.inbox.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/**
 * Runs threads one at a time, and decides at each of their points, by a seed, who goes on. What a
 * seed does it does again.
 */
final class Scheduler implements AutoCloseable {
  private static final ThreadLocal<Actor> CURRENT = new ThreadLocal<>();

  /** More than any run needs: a run that comes here goes round in a circle. */
  private static final int MOST_POINTS = 10_000;

  private final ExecutorService threads = Executors.newCachedThreadPool(Scheduler::daemon);
  private final Semaphore over = new Semaphore(0);
  private final List<Actor> actors = new ArrayList<>();
  private Random random = new Random(0);
  private IntSupplier events = () -> 0;
  private Runnable event = () -> {};
  private int points;
  private long allPoints;
  private boolean stuck;
  private Optional<Throwable> failed = Optional.empty();

  /** A thread that waits for its turn. */
  private static final class Actor {
    final Semaphore go = new Semaphore(0);
    BooleanSupplier ready = () -> true;
    boolean done;
  }

  /** Ends what still waits when nothing can go on. */
  static final class Abandoned extends Error {
    private static final long serialVersionUID = 1L;

    Abandoned() {
      super("nothing can go on", null, false, false);
    }
  }

  /** Decides by the seed. */
  int choose(int bound) {
    return random.nextInt(bound);
  }

  long points() {
    return allPoints;
  }

  /**
   * Runs all to their ends.
   *
   * @param events how many things could happen now without any thread
   * @param event makes one of them happen
   * @return whether they came to their ends; false if none could go on
   */
  boolean run(long seed, List<Runnable> bodies, IntSupplier events, Runnable event) {
    this.random = new Random(seed);
    this.events = events;
    this.event = event;
    this.points = 0;
    this.stuck = false;
    this.failed = Optional.empty();
    actors.clear();
    bodies.forEach(body -> actors.add(new Actor()));
    for (int i = 0; i < bodies.size(); i++) {
      Actor actor = actors.get(i);
      Runnable body = bodies.get(i);
      threads.execute(() -> live(actor, body));
    }
    pass();
    over.acquireUninterruptibly();
    allPoints += points;
    failed.ifPresent(
        error -> {
          throw new IllegalStateException("a thread failed with seed " + seed, error);
        });
    return !stuck;
  }

  private void live(Actor actor, Runnable body) {
    actor.go.acquireUninterruptibly();
    CURRENT.set(actor);
    try {
      body.run();
    } catch (Abandoned e) {
      // the run is over
    } catch (Throwable e) {
      failed = Optional.of(e);
      stuck = true;
    } finally {
      CURRENT.remove();
      actor.done = true;
      pass();
    }
  }

  /** A point: others may go on before this thread does, and it waits until it can. */
  void point(BooleanSupplier ready) {
    Actor me = CURRENT.get();
    me.ready = ready;
    if (!stuck) {
      points++;
      Actor next = next();
      if (next != me) {
        (next == null ? me : next).go.release();
        me.go.acquireUninterruptibly();
      }
    }
    if (stuck) {
      throw new Abandoned();
    }
  }

  private void pass() {
    Actor next = next();
    (next == null ? over : next.go).release();
  }

  /** Returns who goes on; null if all are done. Where none can, the rest is abandoned. */
  private Actor next() {
    while (true) {
      List<Actor> able = new ArrayList<>();
      boolean left = false;
      for (Actor actor : actors) {
        left |= !actor.done;
        if (!actor.done && (stuck || actor.ready.getAsBoolean())) {
          able.add(actor);
        }
      }
      int happenings = stuck ? 0 : events.getAsInt();
      if (able.isEmpty() && happenings == 0) {
        if (!left) {
          return null;
        }
        stuck = true;
        continue;
      }
      stuck |= points > MOST_POINTS;
      int chosen = random.nextInt(able.size() + happenings);
      if (chosen < able.size()) {
        return able.get(chosen);
      }
      event.run();
    }
  }

  private static Thread daemon(Runnable body) {
    Thread thread = new Thread(body, "scheduled");
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
