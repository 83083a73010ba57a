package io.inbox.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.inbox.reconciler.internal.Session;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a session of the reconciler sees does not depend on how the pool is set up. */
class SessionTest {
  private static final int POOLS_OWN = Connection.TRANSACTION_SERIALIZABLE;

  @ParameterizedTest
  @EnumSource
  void seesWhatIsCommittedMeanwhileUnlessItHasASnapshot(Platform platform) throws Exception {
    try (Fixture database = platform.fresh();
        HikariDataSource pool = serializable(database.url)) {
      database.execute("CREATE TABLE seen (id int)");
      try (Session committed = Session.open(pool);
          Session snapshot = Session.snapshot(pool)) {
        assertThat(rows(committed)).isZero();
        assertThat(rows(snapshot)).isZero();
        database.execute("INSERT INTO seen VALUES (1)");

        assertThat(rows(committed)).isEqualTo(1);
        assertThat(rows(snapshot)).isZero();
      }
      try (Connection lent = pool.getConnection()) {
        assertThat(lent.getTransactionIsolation()).isEqualTo(POOLS_OWN);
        assertThat(lent.getAutoCommit()).isTrue();
      }
    }
  }

  private static HikariDataSource serializable(String url) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(2);
    config.setMinimumIdle(0);
    config.setTransactionIsolation("TRANSACTION_SERIALIZABLE");
    return new HikariDataSource(config);
  }

  private static long rows(Session session) throws SQLException {
    try (ResultSet row =
        session.prepare("SELECT COUNT(*) FROM seen", Optional.empty()).executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }
}
