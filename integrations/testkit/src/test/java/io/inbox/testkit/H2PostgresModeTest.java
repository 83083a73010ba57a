package io.inbox.testkit;

/** The portable store on H2 that imitates PostgreSQL. */
class H2PostgresModeTest extends StoreContract {
  private static final TestDatabase DATABASE =
      new H2Database(
          H2Database.inMemory(
              ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH"));

  @Override
  protected TestDatabase database() {
    return DATABASE;
  }
}
