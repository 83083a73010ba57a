package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Fingerprint;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.RetryPolicy;
import io.inbox.testkit.PostgresServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/**
 * Two databases as shards of one consumer, by tenant, in one process; and a tenant that moves from
 * one to the other as docs/scale.md says.
 */
final class TenantMoveTest {
  private static final List<String> MOVED = List.of("message", "result", "attempt");

  private PaymentsDatabase first;
  private PaymentsDatabase second;
  private HikariDataSource firstPool;
  private HikariDataSource secondPool;
  private Map<String, Inbox> shards;

  @BeforeEach
  void open() throws Exception {
    PostgresServer server = PostgresServer.shared(PostgresServer.NEWEST);
    first = PaymentsDatabase.on(server);
    second = PaymentsDatabase.on(server);
    firstPool = first.pool(2);
    secondPool = second.pool(2);
    shards = Map.of("first", inbox(firstPool), "second", inbox(secondPool));
  }

  @AfterEach
  void close() {
    shards.values().forEach(Inbox::close);
    firstPool.close();
    secondPool.close();
  }

  @Test
  void eachShardRemembersItsOwnTenants() throws Exception {
    assertThat(deliver("first", payment("acme", "1", "10"))).isInstanceOf(Outcome.Processed.class);
    assertThat(deliver("second", payment("bravo", "1", "10")))
        .isInstanceOf(Outcome.Processed.class);

    assertThat(deliver("first", payment("acme", "1", "10"))).isInstanceOf(Outcome.Duplicate.class);
    // A router that changes its mind: nobody can tell, so the page says what must move first.
    assertThat(deliver("second", payment("acme", "1", "10"))).isInstanceOf(Outcome.Processed.class);
  }

  @Test
  void afterTheMoveTheTenantIsKnownWithAllThatWasKnownOfIt() throws Exception {
    deliver("first", payment("acme", "1", "10"));
    deliver("first", payment("acme", "2", "20"));
    deliver("first", payment("other", "3", "30"));
    deliver("second", payment("bravo", "1", "40"));
    assertThat(fail("first", payment("acme", "4", "50")).acknowledge()).isFalse();

    move("acme");

    assertThat(deliver("second", payment("acme", "1", "10"))).isInstanceOf(Outcome.Duplicate.class);
    assertThat(deliver("second", payment("acme", "2", "21"))).isInstanceOf(Outcome.Mismatch.class);
    assertThat(second.applied("2")).isZero();
    // The failure before the move counts, so the second of two attempts is the last.
    assertThat(fail("second", payment("acme", "4", "50"))).isInstanceOf(Outcome.DeadLettered.class);
    assertThat(second.number("SELECT count(*) FROM inbox.dead_letter WHERE attempts = 2")).isOne();
    assertThat(deliver("second", payment("acme", "5", "60"))).isInstanceOf(Outcome.Processed.class);
    assertThat(deliver("second", payment("bravo", "1", "40")))
        .isInstanceOf(Outcome.Duplicate.class);
    assertThat(second.number("SELECT count(*) FROM inbox.message WHERE tenant = 'other'")).isZero();
  }

  @Test
  void copyingTwiceIsRefusedAndChangesNothing() throws Exception {
    deliver("first", payment("acme", "1", "10"));
    move("acme");
    deliver("first", payment("acme", "2", "20"));

    assertThat(catchThrowable(() -> move("acme"))).hasMessageContaining("message_pkey");
    assertThat(second.number("SELECT count(*) FROM inbox.message")).isOne();
  }

  private static Inbox inbox(HikariDataSource pool) {
    return PaymentsDatabase.inbox("payments", pool)
        .fingerprint(Fingerprint.ofPayload())
        .retry(
            RetryPolicy.builder()
                .maxAttempts(2)
                .initialBackoff(Duration.ofMillis(1))
                .maxBackoff(Duration.ofMillis(1))
                .build())
        .build();
  }

  private Outcome<?> deliver(String shard, Message message) {
    return shards.get(shard).process(message, PaymentsDatabase.applying(message));
  }

  private Outcome<?> fail(String shard, Message message) {
    return shards
        .get(shard)
        .process(
            message,
            tx -> {
              throw new IllegalStateException("planted");
            });
  }

  private static Message payment(String tenant, String id, String payload) {
    return Message.builder(id)
        .tenant(tenant)
        .source("bank")
        .payload(payload.getBytes(StandardCharsets.UTF_8))
        .build();
  }

  private void move(String tenant) throws Exception {
    for (String table : MOVED) {
      ByteArrayOutputStream rows = new ByteArrayOutputStream();
      try (Connection from = first.connect();
          Connection to = second.connect()) {
        from.unwrap(PGConnection.class)
            .getCopyAPI()
            .copyOut(
                "COPY (SELECT * FROM inbox."
                    + table
                    + " WHERE tenant = '"
                    + tenant
                    + "') TO STDOUT",
                rows);
        to.unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn(
                "COPY inbox." + table + " FROM STDIN",
                new ByteArrayInputStream(rows.toByteArray()));
      }
    }
  }
}
