package io.inbox.testkit;

/** Shared transactions of the portable store on H2. */
class H2GroupCommitTest extends GroupCommitSuite {
  private static final TestDatabase DATABASE = new H2Database(H2Database.inMemory(""));

  @Override
  protected TestDatabase database() {
    return DATABASE;
  }
}
