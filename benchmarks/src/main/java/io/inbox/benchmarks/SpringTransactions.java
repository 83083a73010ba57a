package io.inbox.benchmarks;

import io.inbox.benchmarks.InboxPeer.Credit;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Predicate;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Spring's transactions on the pool, as a service sets them up that uses one of the peers. */
final class SpringTransactions {
  private final DataSource pool;
  private final TransactionTemplate transaction;
  private final JdbcTemplate jdbc;

  SpringTransactions(DataSource pool) {
    this.pool = pool;
    this.transaction = new TransactionTemplate(new JdbcTransactionManager(pool));
    this.jdbc = new JdbcTemplate(pool);
  }

  TransactionTemplate template() {
    return transaction;
  }

  JdbcTemplate jdbc() {
    return jdbc;
  }

  /** Asks for each message whether it is new, then writes once for those that are. */
  int handle(Iterable<String> ids, Predicate<String> isNew, Credit credit) {
    Integer handled =
        transaction.execute(
            status -> {
              int fresh = 0;
              for (String id : ids) {
                if (isNew.test(id)) {
                  fresh++;
                }
              }
              credit(credit, fresh);
              return fresh;
            });
    return handled == null ? 0 : handled;
  }

  /** Writes on the connection of the current transaction. */
  void credit(Credit credit, int fresh) {
    if (fresh == 0) {
      return;
    }
    Connection connection = DataSourceUtils.getConnection(pool);
    try {
      credit.credit(connection, fresh);
    } catch (SQLException e) {
      throw new IllegalStateException("the business writes failed", e);
    } finally {
      DataSourceUtils.releaseConnection(connection, pool);
    }
  }
}
