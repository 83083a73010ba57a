package io.inbox.spi;

import io.inbox.error.UsageException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps callbacks and resources of one transaction in memory; whoever runs the transaction calls
 * {@link #prepare()} and {@link #complete}. Not thread-safe.
 */
public abstract class CallbackUnitOfWork implements UnitOfWork {
  private static final Logger LOG = LoggerFactory.getLogger(UnitOfWork.class);

  private @Nullable List<Callback> flush;
  private @Nullable List<Callback> guard;
  private @Nullable List<Consumer<Completion>> completion;
  private @Nullable Map<Class<?>, Object> resources;
  private @Nullable List<Revertible> revertibles;
  private @Nullable LastWrite last;
  private boolean rollbackOnly;
  private boolean flushed;
  private boolean over;

  /** Creates a unit without callbacks. */
  protected CallbackUnitOfWork() {}

  @Override
  public Object identity() {
    return this;
  }

  @Override
  public final void beforeCommit(CommitStep step, Callback callback) {
    if (over || (flushed && step == CommitStep.FLUSH)) {
      throw new UsageException(
          "IBX-310",
          "something is to be done before a commit that "
              + (over ? "is over" : "has begun")
              + " (append and claim while the transaction runs, do not keep what belongs to it)");
    }
    if (step == CommitStep.FLUSH) {
      flush = added(flush, callback);
    } else {
      guard = added(guard, callback);
    }
  }

  @Override
  public final void writeLast(LastWrite write) throws SQLException {
    if (flushed || over) {
      throw new UsageException(
          "IBX-310", "something is to be written after the last write of a transaction");
    }
    @Nullable LastWrite earlier = last;
    last = write;
    if (earlier != null) {
      earlier.write(connection());
    }
  }

  @Override
  public final void afterCompletion(Consumer<Completion> callback) {
    completion = added(completion, callback);
  }

  @Override
  public final void setRollbackOnly() {
    rollbackOnly = true;
  }

  /** Returns whether the transaction can only roll back. */
  public final boolean isRollbackOnly() {
    return rollbackOnly;
  }

  @Override
  public final <T> T resource(Class<T> key, Supplier<T> create) {
    if (resources == null) {
      resources = new HashMap<>();
    }
    return key.cast(resources.computeIfAbsent(key, unused -> create.get()));
  }

  @Override
  public final void revertible(Revertible state) {
    revertibles = added(revertibles, state);
  }

  /** Returns where the state in memory stands, at a savepoint. */
  public final int[] marks() {
    int[] marks = new int[revertibles == null ? 0 : revertibles.size()];
    for (int i = 0; revertibles != null && i < marks.length; i++) {
      marks[i] = revertibles.get(i).mark();
    }
    return marks;
  }

  /** Takes the state in memory back to a savepoint; what came later goes back to nothing. */
  public final void revertTo(int[] marks) {
    for (int i = 0; revertibles != null && i < revertibles.size(); i++) {
      revertibles.get(i).revertTo(i < marks.length ? marks[i] : 0);
    }
  }

  /**
   * Runs the before-commit callbacks, flushes first, then the last write. A flush may add further
   * callbacks.
   *
   * @throws SQLException to be answered by a rollback
   */
  public final void prepare() throws SQLException {
    run(flush);
    prepareRest();
  }

  private void prepareRest() throws SQLException {
    flushed = true;
    if (last != null) {
      last.write(connection());
    }
    run(guard);
    over = true;
  }

  /**
   * Runs the same, but for a last write that can commit: by that the caller ends the transaction.
   *
   * @return that write, null if there is none
   * @throws SQLException to be answered by a rollback
   */
  public final @Nullable LastWrite prepareAllButLast() throws SQLException {
    run(flush);
    @Nullable LastWrite left = last != null && last.commits() ? last : null;
    if (left != null) {
      last = null;
    }
    prepareRest();
    return left;
  }

  /** Runs the after-completion callbacks; never throws. */
  public final void complete(Completion how) {
    over = true;
    if (completion == null) {
      return;
    }
    for (Consumer<Completion> callback : completion) {
      try {
        callback.accept(how);
      } catch (Throwable e) {
        LOG.error(
            "An after-completion callback failed after {}; the transaction's end stands", how, e);
      }
    }
  }

  private static void run(@Nullable List<Callback> callbacks) throws SQLException {
    for (int i = 0; callbacks != null && i < callbacks.size(); i++) {
      callbacks.get(i).run();
    }
  }

  private static <T> List<T> added(@Nullable List<T> list, T element) {
    List<T> grown = list == null ? new ArrayList<>(2) : list;
    grown.add(element);
    return grown;
  }
}
