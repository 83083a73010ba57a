package io.inbox.testkit;

/** The portable store on H2 in its own mode. */
class H2Test extends StoreContract {
  private static final TestDatabase DATABASE = new H2Database(H2Database.inMemory(""));

  @Override
  protected TestDatabase database() {
    return DATABASE;
  }
}
