package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.jdbc.JdbcTransactions;
import io.inbox.outbox.OutboxMessage;
import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.fault.FaultPoint;
import io.inbox.testkit.fault.FaultPoints;
import io.inbox.testkit.fault.FaultPoints.Observer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The points of a delivery where the rows of the outbox go together with COMMIT. */
class FaultPointsTest {
  private final List<FaultPoint> reached = new ArrayList<>();
  private final Thread test = Thread.currentThread();
  private final Observer observer =
      (point, connection) -> {
        // Relays are told of what was appended by a thread and a transaction of their own.
        if (Thread.currentThread() == test) {
          reached.add(point);
        }
      };
  private HikariDataSource pool;
  private Inbox inbox;

  @BeforeEach
  void open() throws Exception {
    pool = PaymentsDatabase.on(PostgresServer.shared(PostgresServer.NEWEST)).pool(1);
    inbox =
        Inbox.builder(
                "points",
                FaultPoints.store(PostgresStore.create(), observer),
                FaultPoints.transactions(
                    JdbcTransactions.on(FaultPoints.dataSource(pool, observer)), observer))
            .listener(FaultPoints.listener(observer))
            .build();
    reached.clear();
  }

  @AfterEach
  void close() {
    inbox.close();
    pool.close();
  }

  @Test
  void everyOneOfADeliveryThatAppendsIsPassedOnce() {
    inbox.process(
        Message.of("m", null), tx -> tx.outbox().append(OutboxMessage.of("topic", "key", null)));

    assertThat(reached)
        .containsExactly(
            FaultPoint.P1_CONNECTED,
            FaultPoint.P2_BEGUN,
            FaultPoint.P3_CLAIMING,
            FaultPoint.P4_CLAIMED,
            FaultPoint.P7_GUARDING,
            FaultPoint.P6_FLUSHING,
            FaultPoint.P8_COMMITTING,
            FaultPoint.P9_COMMITTED,
            FaultPoint.P10_DECIDED);
  }

  @Test
  void theNextTransactionOnThatConnectionIsSeenAgain() {
    inbox.process(
        Message.of("m", null), tx -> tx.outbox().append(OutboxMessage.of("topic", "key", null)));
    reached.clear();
    inbox.process(Message.of("n", null), tx -> {});

    assertThat(reached)
        .containsExactly(
            FaultPoint.P1_CONNECTED,
            FaultPoint.P2_BEGUN,
            FaultPoint.P3_CLAIMING,
            FaultPoint.P4_CLAIMED,
            FaultPoint.P7_GUARDING,
            FaultPoint.P8_COMMITTING,
            FaultPoint.P9_COMMITTED,
            FaultPoint.P10_DECIDED);
  }
}
