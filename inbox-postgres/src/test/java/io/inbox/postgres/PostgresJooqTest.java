package io.inbox.postgres;

import io.inbox.jdbc.JooqTransactions;
import io.inbox.spi.Transactions;
import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.StoreContract;
import io.inbox.testkit.TestDatabase;
import javax.sql.DataSource;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.Tag;

/** The contract on PostgreSQL 18 in transactions on a jOOQ context. */
@Tag("long")
class PostgresJooqTest extends StoreContract {
  private static final TestDatabase DATABASE =
      new PostgresDatabase(PostgresServer.NEWEST) {
        @Override
        protected Transactions transactions(DataSource connections) {
          return JooqTransactions.on(DSL.using(connections, SQLDialect.POSTGRES));
        }
      };

  @Override
  protected TestDatabase database() {
    return DATABASE;
  }
}
