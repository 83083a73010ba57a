package io.inbox.testkit;

import io.inbox.jdbc.JooqTransactions;
import io.inbox.spi.Transactions;
import javax.sql.DataSource;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.Tag;

/** The portable store in transactions on a jOOQ context. */
@Tag("long")
class H2JooqTest extends StoreContract {
  private static final TestDatabase DATABASE =
      new H2Database(H2Database.inMemory("")) {
        @Override
        protected Transactions transactions(DataSource connections) {
          return JooqTransactions.on(DSL.using(connections, SQLDialect.H2));
        }
      };

  @Override
  protected TestDatabase database() {
    return DATABASE;
  }
}
