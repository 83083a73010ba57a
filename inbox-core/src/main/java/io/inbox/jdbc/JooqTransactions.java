package io.inbox.jdbc;

import io.inbox.error.ConfigurationException;
import io.inbox.error.UsageException;
import io.inbox.spi.Transactions;
import io.inbox.spi.UnitOfWork;
import java.sql.Connection;
import java.util.Optional;
import org.jooq.Configuration;
import org.jooq.ConnectionProvider;
import org.jooq.DSLContext;
import org.jooq.TransactionProvider;
import org.jooq.impl.DSL;
import org.jooq.impl.ThreadLocalTransactionProvider;
import org.jspecify.annotations.Nullable;

/**
 * Transactions on the connections of a jOOQ context: handlers get a context with its dialect and
 * settings. Thread-safe.
 *
 * <p>To join transactions that the application begins with jOOQ, begin them on {@link #dsl()} and
 * hand {@link #unitOfWork} to {@code Inbox.claim}; then the commit guard stands before jOOQ's
 * commit, too.
 */
public final class JooqTransactions implements Transactions {
  private final DSLContext dsl;

  private JooqTransactions(DSLContext dsl) {
    this.dsl = dsl;
  }

  /**
   * Returns transactions on a context that gets its connections from a provider such as a {@code
   * DataSource}.
   *
   * @throws ConfigurationException if it is null, or its transactions belong to threads
   */
  public static JooqTransactions on(@Nullable DSLContext dsl) {
    if (dsl == null) {
      throw new ConfigurationException(
          "IBX-303",
          "the DSLContext is null (hand in the context of the database that holds the business tables)");
    }
    TransactionProvider provider = dsl.configuration().transactionProvider();
    if (provider instanceof ThreadLocalTransactionProvider) {
      throw new ConfigurationException(
          "IBX-303",
          "the DSLContext has a ThreadLocalTransactionProvider, which hides the transaction's connection (hand in a context with jOOQ's default provider)");
    }
    return new JooqTransactions(DSL.using(dsl.configuration().derive(new JoinedUnits(provider))));
  }

  /** Returns the context to begin transactions on that an inbox joins. */
  public DSLContext dsl() {
    return dsl;
  }

  /**
   * Returns the unit of work of a running jOOQ transaction.
   *
   * @param transactional the configuration that {@code dsl().transaction(...)} handed in, or that
   *     of a transaction nested in it
   * @throws UsageException if it is not inside a transaction begun on {@link #dsl()}
   */
  public UnitOfWork unitOfWork(Configuration transactional) {
    return JoinedUnits.of(transactional)
        .orElseThrow(
            () ->
                new UsageException(
                    "IBX-306",
                    "the jOOQ configuration is not in a transaction begun on JooqTransactions.dsl() (begin it there, and pass on the configuration it hands in)"));
  }

  @Override
  public <T> T inTransaction(Work<T> work) throws Exception {
    ConnectionProvider provider = dsl.configuration().connectionProvider();
    @Nullable Connection connection = provider.acquire();
    if (connection == null) {
      throw new ConfigurationException(
          "IBX-303", "the DSLContext has no connection (make it with a DataSource)");
    }
    try {
      return ConnectionTransaction.run(connection, Optional.of(dsl.configuration()), work);
    } finally {
      provider.release(connection);
    }
  }
}
