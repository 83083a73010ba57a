package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Buckets;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.Tables;
import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.fault.ForwardingStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Nodes of two neighbouring steps of a move, at the same keys at the same time. A process has one
 * inbox of a name, so the nodes are told apart by stores whose tables look alike and are not equal:
 * they differ in the prefix they say they have.
 */
@Timeout(120)
class BucketMoveTest {
  private static final int KEYS = 60;
  private static final int NODES_OF_A_STEP = 2;

  /** Two kinds of node that may be there at once. */
  enum Neighbours {
    PLAIN_AND_MOVING,
    MOVING_AND_MOVED;

    @Nullable Buckets before() {
      return this == PLAIN_AND_MOVING ? null : Buckets.byUuidV7().moving();
    }

    Buckets after() {
      return this == PLAIN_AND_MOVING ? Buckets.byUuidV7().moving() : Buckets.byUuidV7();
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyKeyIsHandledOnceByNodesOfTwoSteps(Neighbours steps) throws Exception {
    PaymentsDatabase database = PaymentsDatabase.on(PostgresServer.shared(PostgresServer.NEWEST));
    database.execute(BucketedDatabase.script("time-buckets.sql"));
    List<Message> messages = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      messages.add(BucketsTest.at(Instant.now().minus(Duration.ofHours(i))));
    }
    List<Inbox> nodes = new ArrayList<>();
    ExecutorService threads = Executors.newCachedThreadPool();
    try (HikariDataSource pool = database.pool(20)) {
      for (int i = 0; i < NODES_OF_A_STEP; i++) {
        nodes.add(node(pool, steps.before(), "before-" + i));
      }
      for (int i = 0; i < NODES_OF_A_STEP; i++) {
        nodes.add(node(pool, steps.after(), "after-" + i));
      }
      CyclicBarrier start = new CyclicBarrier(nodes.size() * 2);
      List<Future<Long>> processed = new ArrayList<>();
      for (int i = 0; i < nodes.size(); i++) {
        Inbox node = nodes.get(i);
        processed.add(threads.submit(oneByOne(node, messages, start, i)));
        processed.add(threads.submit(inBatches(node, messages, start, i)));
      }
      long sum = 0;
      for (Future<Long> each : processed) {
        sum += each.get();
      }
      assertThat(sum).isEqualTo(KEYS);
      for (Message message : messages) {
        assertThat(database.applied(message.id())).as(message.id()).isOne();
      }
      assertThat(
              database.number(
                  "SELECT count(*) FROM inbox.message WHERE consumer = 'payments' AND state = 0"))
          .isEqualTo(KEYS);
    } finally {
      threads.shutdownNow();
      nodes.forEach(Inbox::close);
    }
  }

  private static Inbox node(HikariDataSource pool, @Nullable Buckets buckets, String name) {
    return Inbox.builder("payments", new Node(name, buckets == null), pool)
        .buckets(buckets)
        .wait(Duration.ofSeconds(30))
        .build();
  }

  /** One node of several in a process. */
  private static final class Node extends ForwardingStore {
    private final String name;
    private final boolean startedBefore;

    Node(String name, boolean startedBefore) {
      super(PostgresStore.create());
      this.name = name;
      this.startedBefore = startedBefore;
    }

    @Override
    public Tables tables() {
      return Tables.in("inbox", name.replace('-', '_'));
    }

    /** A node without buckets has started before any with them. */
    @Override
    public void prepare(Connection connection, ClaimPolicy policy) throws SQLException {
      if (!startedBefore) {
        super.prepare(connection, policy);
      }
    }
  }

  private static Callable<Long> oneByOne(
      Inbox node, List<Message> messages, CyclicBarrier start, int seed) {
    return () -> {
      List<Message> mine = new ArrayList<>(messages);
      Collections.shuffle(mine, new Random(seed));
      start.await();
      long processed = 0;
      for (Message message : mine) {
        Outcome<Void> outcome = node.process(message, PaymentsDatabase.applying(message));
        assertThat(outcome.acknowledge()).as(outcome.toString()).isTrue();
        processed += outcome instanceof Outcome.Processed ? 1 : 0;
      }
      return processed;
    };
  }

  private static Callable<Long> inBatches(
      Inbox node, List<Message> messages, CyclicBarrier start, int seed) {
    return () -> {
      List<Message> mine = new ArrayList<>(messages);
      Collections.shuffle(mine, new Random(seed + 100));
      start.await();
      long processed = 0;
      for (int from = 0; from < KEYS; from += 10) {
        List<Outcome<Void>> outcomes =
            node.processBatch(
                mine.subList(from, from + 10),
                (fresh, tx) -> {
                  for (Message message : fresh) {
                    PaymentsDatabase.apply(tx, message);
                  }
                });
        assertThat(outcomes).allMatch(Outcome::acknowledge);
        processed += outcomes.stream().filter(Outcome.Processed.class::isInstance).count();
      }
      return processed;
    };
  }
}
