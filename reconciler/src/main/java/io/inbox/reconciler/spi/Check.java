package io.inbox.reconciler.spi;

/**
 * Looks for one sort of trouble and says what it found.
 *
 * <p>The reconciler runs its checks one after another in one thread, keeps what they find as rows,
 * and tells what is new from what is still there. A check that throws has failed: what it found
 * before that is kept, nothing of it is resolved, and the others go on. The command {@code inbox}
 * finds checks by {@code ServiceLoader}; those have a public constructor without parameters.
 */
public interface Check {
  /**
   * Returns the name, which tells the findings of one check from those of another: 1 to 100
   * lower-case letters, digits, dots and dashes, beginning with a letter. Stays the same from
   * release to release.
   */
  String name();

  /**
   * Looks once. Called on the thread of {@code Reconciler.run}; may block as long as {@link
   * CheckRun#timeIsUp} allows.
   *
   * @param run what the check works with, and whom it tells
   * @throws Exception when it cannot look; one line of it is in the report
   */
  void run(CheckRun run) throws Exception;
}
