package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.outbox.OutboxMessage;
import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.crash.CrashPoints;
import io.inbox.testkit.crash.CrashReport;
import io.inbox.testkit.crash.CrashWay;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The kit on PostgreSQL, where the server ends sessions: with pools of two sizes, and without. */
class CrashPointsTest {
  private PaymentsDatabase database;

  @BeforeEach
  void open() throws Exception {
    database = PaymentsDatabase.on(PostgresServer.shared(PostgresServer.NEWEST));
  }

  private CrashReport run(DataSource dataSource) {
    return CrashPoints.on(dataSource, PostgresStore.create())
        .handler(
            (message, tx) -> {
              PaymentsDatabase.apply(tx, message);
              tx.outbox().append(OutboxMessage.of("topic", "key", null));
            })
        .invariant((connection, message) -> assertThat(database.applied(message.id())).isEqualTo(1))
        .run();
  }

  @Test
  void nothingIsLeftOutWithTwoConnections() {
    try (HikariDataSource pool = database.pool(2)) {
      assertThat(run(pool).check().notRun()).isEmpty();
    }
  }

  @Test
  void nothingIsLeftOutWithoutAPool() {
    DataSource bare = PostgresServer.shared(PostgresServer.NEWEST).connections(database.name());

    assertThat(run(bare).check().notRun()).isEmpty();
  }

  @Test
  void oneConnectionCannotEndTheSessionOfAnother() {
    try (HikariDataSource pool = database.pool(1)) {
      List<CrashReport.NotRun> notRun = run(pool).check().notRun();

      assertThat(notRun).hasSize(1);
      assertThat(notRun.get(0).way()).isEqualTo(CrashWay.SESSION_TERMINATED);
      assertThat(notRun.get(0).place()).isEmpty();
      assertThat(notRun.get(0).why()).startsWith("no session could be ended from another one: ");
    }
  }
}
