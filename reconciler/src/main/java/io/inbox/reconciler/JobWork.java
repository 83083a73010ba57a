package io.inbox.reconciler;

/**
 * What a job does while its node owns it.
 *
 * @param <T> what it returns
 * @param <E> what it throws
 */
@FunctionalInterface
public interface JobWork<T, E extends Exception> {
  /**
   * Works on the calling thread. Whatever must not be done by a node that has lost the job is
   * written in a transaction that {@linkplain JobRun#fence fences} itself.
   *
   * @param run the run, valid until this method returns
   */
  T run(JobRun run) throws E;
}
