package io.inbox.testkit;

/** The portable store on an H2 file that keeps what it confirmed. */
class H2FileTest extends StoreContract {
  private static final TestDatabase DATABASE = new H2Database(H2Database.inFile(";WRITE_DELAY=0"));

  @Override
  protected TestDatabase database() {
    return DATABASE;
  }
}
