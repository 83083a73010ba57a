package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.DeadLetterQuery;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.error.ConfigurationException;
import io.inbox.error.InvalidMessageException;
import io.inbox.error.UsageException;
import io.inbox.spi.DeliveryEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Handles one message in a transaction of its own. */
abstract class ProcessContract extends Contract {
  @Test
  void aMessageIsHandledOnceHoweverOftenItIsDelivered() {
    Inbox inbox = open();
    Outcome<Void> first = handle(inbox, message("a"));
    assertThat(first).isInstanceOf(Outcome.Processed.class);
    assertThat(first.acknowledge()).isTrue();
    for (int i = 0; i < 3; i++) {
      Outcome<Void> again = mustNotRun(inbox, message("a"));
      assertThat(again).isInstanceOf(Outcome.Duplicate.class);
      assertThat(again.acknowledge()).isTrue();
    }
    assertThat(books.applied()).containsExactly("a");
    assertThat(books.balance()).isEqualTo(1);
    assertThat(rows("message")).isEqualTo(1);
  }

  /** A key without the consumer lets the second handler of an event miss it for ever. */
  @Test
  void twoConsumersOfOneEventBothHandleIt() {
    Inbox one = open();
    Inbox two = open(consumer + "-two", pool, it -> it);
    assertThat(handle(one, message("a"))).isInstanceOf(Outcome.Processed.class);
    assertThat(handle(two, message("a"))).isInstanceOf(Outcome.Processed.class);
    assertThat(books.balance()).isEqualTo(2);
  }

  @Test
  void tenantsAndSourcesHaveIdsOfTheirOwn() {
    Inbox inbox = open();
    List<Message> messages =
        List.of(
            Message.builder("1").build(),
            Message.builder("1").source("s").build(),
            Message.builder("1").tenant("s").build(),
            Message.builder("1").tenant("s").source("s").build(),
            Message.builder("s/1").build(),
            Message.builder("s").source("1").build());
    for (Message message : messages) {
      assertThat(handle(inbox, message)).isInstanceOf(Outcome.Processed.class);
      assertThat(mustNotRun(inbox, message)).isInstanceOf(Outcome.Duplicate.class);
    }
    assertThat(books.balance()).isEqualTo(messages.size());
  }

  /** A completion written outside the handler's transaction is lost by a crash in between. */
  @Test
  void keyAndEffectBecomeVisibleTogether() {
    Inbox inbox = open();
    inbox.process(
        message("a"),
        tx -> {
          books.apply(tx.connection(), "a", 1);
          tx.dsl().execute("UPDATE account SET balance = balance + 1 WHERE owner = ?", consumer);
          assertThat(books.applied()).as("seen by another connection").isEmpty();
          assertThat(rows("message")).isZero();
        });
    assertThat(books.applied()).containsExactly("a");
    assertThat(books.balance()).isEqualTo(2);
    assertThat(rows("message")).isEqualTo(1);
  }

  /** A key recorded before the work and not undone drops the retry as a duplicate. */
  @Test
  void aHandlerThatThrowsUndoesTheKeyToo() {
    Inbox inbox = open();
    Outcome<Void> failed =
        inbox.process(
            message("a"),
            tx -> {
              books.apply(tx.connection(), "a", 1);
              throw new IllegalStateException("after the effect");
            });
    assertThat(failed).isInstanceOf(Outcome.Failed.class);
    assertThat(failed.acknowledge()).isFalse();
    assertThat(books.applied()).isEmpty();
    assertThat(handle(inbox, message("a"))).isInstanceOf(Outcome.Processed.class);
    assertThat(books.balance()).isEqualTo(1);
  }

  /** Where the time of arrival is part of the key, one id lives twice after midnight. */
  @Test
  void anIdIsADuplicateWheneverItComesAgain() {
    Inbox inbox = open(it -> it.window(Duration.ofDays(90)));
    handle(inbox, Message.builder("a").time(Instant.now()).build());
    for (int days : new int[] {1, 8, 32, 80}) {
      books.run(
          "UPDATE " + table("message") + " SET \"handled_at\" = ? WHERE \"consumer\" = ?",
          OffsetDateTime.now(ZoneOffset.UTC).minusDays(days),
          consumer);
      assertThat(mustNotRun(inbox, message("a"))).isInstanceOf(Outcome.Duplicate.class);
      Message later = Message.builder("a").time(Instant.now().minusSeconds(86_400L * days)).build();
      assertThat(mustNotRun(inbox, later)).isInstanceOf(Outcome.Duplicate.class);
    }
    assertThat(rows("message")).isEqualTo(1);
  }

  @Test
  void nestedJooqTransactionsAreSavepoints() {
    Inbox inbox = open();
    Outcome<Void> outcome =
        inbox.process(
            message("a"),
            tx -> {
              books.note(tx.connection(), "kept");
              assertThatThrownBy(
                      () ->
                          tx.dsl()
                              .transaction(
                                  nested -> {
                                    nested
                                        .dsl()
                                        .execute(
                                            "INSERT INTO applied (owner, message_id) VALUES (?, 'undone')",
                                            consumer);
                                    throw new IllegalStateException("undo this part");
                                  }))
                  .isInstanceOf(IllegalStateException.class);
              tx.dsl().transaction(nested -> books.note(tx.connection(), "kept too"));
            });
    assertThat(outcome).isInstanceOf(Outcome.Processed.class);
    assertThat(books.applied()).containsExactlyInAnyOrder("kept", "kept too");
  }

  @Test
  void actionsAfterTheCommitRunOnlyAfterACommit() {
    Inbox inbox = open();
    List<String> ran = new ArrayList<>();
    inbox.process(
        message("a"),
        tx -> {
          tx.afterCommit(() -> ran.add("sees " + books.applied()));
          tx.afterCommit(
              () -> {
                throw new IllegalStateException("is logged and changes nothing");
              });
          tx.afterCommit(() -> ran.add("second"));
          books.apply(tx.connection(), "a", 1);
        });
    assertThat(ran).containsExactly("sees [a]", "second");
    inbox.process(
        message("b"),
        tx -> {
          tx.afterCommit(() -> ran.add("never"));
          throw new IllegalStateException();
        });
    assertThat(ran).hasSize(2);
  }

  /** A library that takes a second connection deadlocks a pool of as many as there are threads. */
  @Test
  void aPoolOfOneConnectionIsEnough() {
    try (HikariDataSource one = database().newPool(1, null)) {
      Inbox inbox =
          open(
              consumer, one, it -> it.retry(io.inbox.RetryPolicy.builder().maxAttempts(2).build()));
      assertThat(inbox.process(message("a"), tx -> books.apply(tx.connection(), "a", 1)))
          .isInstanceOf(Outcome.Processed.class);
      for (int attempt = 0; attempt < 3; attempt++) {
        inbox.process(
            message("b"),
            tx -> {
              throw new IllegalStateException();
            });
      }
      inbox.processBatch(
          List.of(message("c"), message("d")),
          (fresh, tx) -> {
            throw new IllegalStateException();
          });
      assertThat(inbox.deadLetters().list(DeadLetterQuery.first(10))).hasSize(1);
      assertThat(one.getHikariPoolMXBean().getActiveConnections()).isZero();
      inbox.close();
    }
  }

  @Test
  void aHandlerCannotCallTheInboxForASecondConnection() {
    Inbox inbox = open();
    Inbox other = open(consumer + "-other", pool, it -> it);
    List<Throwable> refused = new ArrayList<>();
    Outcome<Void> outcome =
        inbox.process(
            message("a"),
            tx -> {
              refuse(refused, () -> inbox.process(message("a"), inner -> {}));
              refuse(refused, () -> other.process(message("b"), inner -> {}));
              refuse(refused, () -> other.processBatch(List.of(message("b")), (f, inner) -> {}));
              refuse(refused, () -> other.deadLetters().list(DeadLetterQuery.first(1)));
            });
    assertThat(outcome).isInstanceOf(Outcome.Processed.class);
    assertThat(refused)
        .hasSize(4)
        .allSatisfy(
            it ->
                assertThat(it)
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("IBX-313")
                    .hasMessageContaining("claim(tx.connection(), message)"));
    assertThat(handle(other, message("b"))).isInstanceOf(Outcome.Processed.class);
  }

  private static void refuse(List<Throwable> refused, Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      refused.add(e);
    }
  }

  @Test
  void anIdIsDataAndNothingElse() {
    Inbox inbox = open();
    List<String> ids =
        List.of(
            "'; drop table applied; --",
            "<script>",
            "a\\b",
            "%s ${x} {0}",
            "\"",
            "a  b",
            "💶",
            "$1 ?");
    for (String id : ids) {
      assertThat(handle(inbox, message(id))).isInstanceOf(Outcome.Processed.class);
      assertThat(mustNotRun(inbox, message(id))).isInstanceOf(Outcome.Duplicate.class);
    }
    assertThat(books.applied()).containsExactlyInAnyOrderElementsOf(ids);
    for (String id : ids) {
      assertThat(
              books.text(
                  "SELECT \"message_id\" FROM "
                      + table("message")
                      + " WHERE \"consumer\" = ? AND \"message_id\" = ?",
                  consumer,
                  id))
          .isEqualTo(id);
    }
  }

  @Test
  void composedAndDecomposedLettersAreTwoIds() {
    Inbox inbox = open();
    assertThat(handle(inbox, message("\u00e9"))).isInstanceOf(Outcome.Processed.class);
    assertThat(handle(inbox, message("e\u0301"))).isInstanceOf(Outcome.Processed.class);
  }

  @Test
  void aMessageMayHaveNoPayload() {
    Inbox inbox = open();
    Message empty = Message.of("a", null);
    assertThat(inbox.process(empty, tx -> assertThat(empty.payload()).isEmpty()))
        .isInstanceOf(Outcome.Processed.class);
  }

  @Test
  void whatCannotBeUsedIsRefusedBeforeAnythingIsWritten() {
    Inbox inbox = open(it -> it.maxPayloadBytes(10).multiTenant(true));
    assertThatThrownBy(() -> handle(inbox, message("no tenant")))
        .isInstanceOf(InvalidMessageException.class)
        .hasMessageContaining("IBX-110")
        .hasMessageContaining("Message.Builder.tenant");
    Message big = Message.builder("big").tenant("t").payload(new byte[11]).build();
    assertThatThrownBy(() -> handle(inbox, big))
        .isInstanceOf(InvalidMessageException.class)
        .hasMessageContaining("IBX-131")
        .hasMessageContaining("11 bytes > 10")
        .hasMessageContaining("maxPayloadBytes");
    assertThatThrownBy(() -> handle(inbox, null)).isInstanceOf(RuntimeException.class);
    assertThatThrownBy(() -> inbox.process(null, tx -> {}))
        .isInstanceOf(InvalidMessageException.class)
        .hasMessageContaining("IBX-138");
    assertThatThrownBy(() -> inbox.process(message("a"), null))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("IBX-308");
    assertThat(rows("message")).isZero();
  }

  @Test
  void handledAtIsTheDatabasesClock() {
    Inbox inbox = open();
    Instant before = databaseClock();
    handle(inbox, message("a"));
    Instant after = databaseClock();
    Instant handledAt = as(Outcome.Duplicate.class, mustNotRun(inbox, message("a"))).handledAt();
    assertThat(handledAt).isBetween(before, after);
  }

  private Instant databaseClock() {
    try (var connection = pool.getConnection();
        var statement = connection.prepareStatement("SELECT CURRENT_TIMESTAMP");
        var row = statement.executeQuery()) {
      row.next();
      return row.getObject(1, OffsetDateTime.class).toInstant();
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aListenerSeesEveryOutcome() {
    List<DeliveryEvent> seen = new ArrayList<>();
    Inbox inbox =
        open(
            it ->
                it.listener(
                        event -> {
                          throw new IllegalStateException("a failing listener changes nothing");
                        })
                    .listener(seen::add));
    handle(inbox, message("a"));
    handle(inbox, message("a"));
    inbox.process(
        message("b"),
        tx -> {
          throw new IllegalStateException();
        });
    inbox.processBatch(List.of(message("c"), message("c"), message("a")), (fresh, tx) -> {});
    assertThat(seen)
        .extracting(it -> (Object) it.outcome().getClass())
        .containsExactlyInAnyOrder(
            Outcome.Processed.class,
            Outcome.Duplicate.class,
            Outcome.Failed.class,
            Outcome.Processed.class,
            Outcome.Duplicate.class,
            Outcome.Duplicate.class);
    assertThat(seen).allSatisfy(it -> assertThat(it.timing().total()).isPositive());
  }

  @Test
  void messagesOfOneInboxAreHandledOnManyThreads() throws Exception {
    Inbox inbox = open();
    AtomicInteger next = new AtomicInteger();
    threads.race(
        8,
        () -> {
          for (int i = 0; i < 10; i++) {
            Message message = message("m" + next.getAndIncrement() % 40);
            inbox.process(message, tx -> books.note(tx.connection(), message.id()));
          }
          return null;
        });
    assertThat(books.applied()).hasSize(40).doesNotHaveDuplicates();
  }
}
