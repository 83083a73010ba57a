package io.inbox.testkit.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.jdbc.JdbcTransactions;
import io.inbox.jdbc.PortableStore;
import io.inbox.migrations.InboxMigrations;
import io.inbox.outbox.InMemoryPublisher;
import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.Relay;
import io.inbox.spi.Store;
import io.inbox.testkit.fault.FaultPoints.Observer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every point that a decorator sees is reported, in the order of the protocol. */
class FaultPointsTest {
  private final Thread test = Thread.currentThread();
  private final List<FaultPoint> reached = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch deleted = new CountDownLatch(1);
  private final Observer observer =
      (point, connection) -> {
        // Relays are told of what was appended by a thread and a transaction of their own.
        if (Thread.currentThread() == test || point.name().startsWith("R")) {
          reached.add(point);
        }
        if (point == FaultPoint.R4_DELETED) {
          deleted.countDown();
        }
      };
  private final Store store = FaultPoints.store(PortableStore.create(), observer);
  private DataSource dataSource;
  private Inbox inbox;

  @BeforeEach
  void open() {
    JdbcDataSource source = new JdbcDataSource();
    source.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
    InboxMigrations.on(source).migrate();
    dataSource = source;
    inbox =
        Inbox.builder(
                "points",
                store,
                FaultPoints.transactions(
                    JdbcTransactions.on(FaultPoints.dataSource(source, observer)), observer))
            .listener(FaultPoints.listener(observer))
            .build();
    reached.clear();
  }

  @Test
  void aDeliveryPassesThemInTheirOrder() {
    Outcome<Void> outcome =
        inbox.process(
            Message.of("m", null),
            tx -> {
              observer.reached(FaultPoint.P5_HANDLING, tx.connection());
              tx.outbox().append(OutboxMessage.of("topic", "key", null));
            });

    assertThat(outcome).isInstanceOf(Outcome.Processed.class);
    assertThat(reached)
        .containsExactly(
            FaultPoint.P1_CONNECTED,
            FaultPoint.P2_BEGUN,
            FaultPoint.P3_CLAIMING,
            FaultPoint.P4_CLAIMED,
            FaultPoint.P5_HANDLING,
            FaultPoint.P6_FLUSHING,
            FaultPoint.P7_GUARDING,
            FaultPoint.P8_COMMITTING,
            FaultPoint.P9_COMMITTED,
            FaultPoint.P10_DECIDED);
  }

  @Test
  void aBatchPassesThemOnce() {
    inbox.processBatch(List.of(Message.of("a", null), Message.of("b", null)), (fresh, tx) -> {});

    assertThat(reached)
        .containsExactly(
            FaultPoint.P1_CONNECTED,
            FaultPoint.P2_BEGUN,
            FaultPoint.P3_CLAIMING,
            FaultPoint.P4_CLAIMED,
            FaultPoint.P7_GUARDING,
            FaultPoint.P8_COMMITTING,
            FaultPoint.P9_COMMITTED,
            FaultPoint.P10_DECIDED,
            FaultPoint.P10_DECIDED);
  }

  @Test
  void aRelayPassesThemInTheirOrder() throws Exception {
    inbox.process(
        Message.of("m", null), tx -> tx.outbox().append(OutboxMessage.of("topic", "key", null)));
    reached.clear();
    try (InMemoryPublisher publisher = new InMemoryPublisher();
        Relay relay =
            Relay.builder(store, dataSource, FaultPoints.publisher(publisher, observer)).start()) {
      assertThat(deleted.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(relay.slots()).isNotEmpty();
    }

    assertThat(reached)
        .containsExactly(
            FaultPoint.R1_READ, FaultPoint.R2_SENT, FaultPoint.R3_CONFIRMED, FaultPoint.R4_DELETED);
  }

  @Test
  void whatTheObserverThrowsIsThrownAtThePoint() {
    AtomicBoolean broken = new AtomicBoolean();
    Inbox failing =
        Inbox.builder(
                "failing",
                store,
                FaultPoints.transactions(
                    JdbcTransactions.on(dataSource),
                    (point, connection) -> {
                      if (broken.get() && point == FaultPoint.P7_GUARDING) {
                        throw new SQLException("at the guard", "08006");
                      }
                    }))
            .build();
    broken.set(true);

    assertThat(failing.process(Message.of("m", null), tx -> {}))
        .isInstanceOf(Outcome.Failed.class)
        .extracting(outcome -> ((Outcome.Failed<?>) outcome).cause())
        .asString()
        .contains("at the guard");
  }
}
