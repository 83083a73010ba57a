package io.inbox.testkit;

import org.junit.jupiter.api.Tag;

/** The portable store on H2 that imitates PostgreSQL. */
@Tag("long")
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
