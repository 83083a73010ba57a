package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.Handler;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.Transaction;
import io.inbox.error.UsageException;
import io.inbox.outbox.InMemoryPublisher;
import io.inbox.outbox.OutboxAppender;
import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.Relay;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a handler appends to the outbox, and what becomes of it. */
abstract class OutboxContract extends OutboxTesting {

  @Test
  void isPublishedAfterTheCommit() throws Exception {
    InMemoryPublisher publisher = new InMemoryPublisher();
    Relay relay = relay(publisher);
    eventually("the relay owns every slot", () -> relay.slots().size() == 16);
    AtomicReference<UUID> id = new AtomicReference<>();

    Outcome<Void> outcome =
        open()
            .process(
                message("a"),
                tx -> {
                  id.set(tx.outbox().append(message("orders", "7", "paid")));
                  books.apply(tx.connection(), "a", 1);
                  assertThat(publisher.published()).isEmpty();
                  assertThat(tx.dsl().fetchValue("SELECT COUNT(*) FROM " + table("outbox")))
                      .as("written as the last thing")
                      .hasToString("0");
                });

    assertThat(outcome).isInstanceOf(Outcome.Processed.class);
    assertThat(publisher.await(1, SOON)).isTrue();
    assertThat(publisher.published().get(0).id()).isEqualTo(id.get());
    assertThat(payloads(publisher)).containsExactly("paid");
    eventuallyEmpty();
  }

  @Test
  void aFailedHandlerPublishesNothing() throws Exception {
    Inbox inbox = open();
    for (RuntimeException failure :
        List.of(new IllegalStateException("scripted"), new IllegalArgumentException())) {
      Outcome<Void> outcome =
          inbox.process(
              message("a"),
              tx -> {
                tx.outbox().append(message("orders", "7", "a lie"));
                throw failure;
              });
      assertThat(outcome).isInstanceOf(Outcome.Failed.class);
    }
    assertThat(count("outbox")).isZero();

    inbox.process(message("a"), tx -> tx.outbox().append(message("orders", "7", "true")));
    assertThat(payloads(relayed(1))).containsExactly("true");
  }

  @Test
  void takesFromTheHandledMessageWhatIsLeftOpen() throws Exception {
    Message handled =
        Message.builder("m-1")
            .tenant("acme")
            .correlationId("saga 9")
            .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
            .header("tracestate", "a=1")
            .header("baggage", "b=2")
            .header("other", "stays behind")
            .build();

    open().process(handled, tx -> tx.outbox().append(message("orders", "7", "x")));

    OutboxMessage published = relayed(1).get(0);
    assertThat(published.tenant()).isEqualTo("acme");
    assertThat(published.correlationId()).contains("saga 9");
    assertThat(published.causationId()).contains("m-1");
    assertThat(published.headers())
        .containsOnlyKeys("traceparent", "tracestate", "baggage")
        .containsEntry("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        .containsEntry("tracestate", "a=1")
        .containsEntry("baggage", "b=2");
  }

  @Test
  void theIdOfTheHandledMessageCorrelatesWhereItHasNoCorrelation() throws Exception {
    open().process(message("m-1"), tx -> tx.outbox().append(message("orders", "7", "x")));

    OutboxMessage published = relayed(1).get(0);
    assertThat(published.correlationId()).contains("m-1");
    assertThat(published.causationId()).contains("m-1");
    assertThat(published.headers()).isEmpty();
  }

  @Test
  void keepsWhatWasSet() throws Exception {
    Message handled =
        Message.builder("m-1")
            .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
            .header("tracestate", "a=1")
            .header("baggage", "b=2")
            .build();
    OutboxMessage.Builder own =
        OutboxMessage.to("orders").tenant("t").correlationId("c").causationId("d");

    open()
        .process(
            handled,
            tx -> {
              tx.outbox().append(own.header("baggage", "mine").build());
              tx.outbox().append(own.header("traceparent", "00-own").build());
            });

    List<OutboxMessage> published = relayed(2);
    OutboxMessage first =
        published.stream()
            .filter(it -> it.headers().get("traceparent").endsWith("-01"))
            .findFirst()
            .orElseThrow();
    assertThat(first.tenant()).isEqualTo("t");
    assertThat(first.correlationId()).contains("c");
    assertThat(first.causationId()).contains("d");
    assertThat(first.headers()).containsEntry("baggage", "mine").containsEntry("tracestate", "a=1");
    OutboxMessage second = published.get(published.indexOf(first) == 0 ? 1 : 0);
    assertThat(second.headers())
        .containsEntry("traceparent", "00-own")
        .containsEntry("baggage", "mine")
        .as("belongs to the other traceparent")
        .doesNotContainKey("tracestate");
  }

  @Test
  void aBatchPublishesInTheOrderOfItsAppends() throws Exception {
    List<Message> batch = IntStream.range(0, 20).mapToObj(i -> message("m" + i)).toList();

    open()
        .processBatch(
            batch,
            (fresh, tx) -> {
              for (Message message : fresh) {
                tx.outbox().append(message("orders", "7", "of " + message.id()), message);
              }
              tx.outbox().append(message("orders", "7", "of all"));
            });

    List<OutboxMessage> published = relayed(21);
    assertThat(payloads(published.subList(0, 20)))
        .isEqualTo(batch.stream().map(it -> "of " + it.id()).toList());
    assertThat(published.get(3).causationId()).contains("m3");
    assertThat(published.get(3).correlationId()).contains("m3");
    assertThat(payloads(published.subList(20, 21))).containsExactly("of all");
    assertThat(published.get(20).causationId()).isEmpty();
  }

  @Test
  void aPoisonMessageInABatchLeavesNothingOfItsOwnBehind() throws Exception {
    List<Message> batch = IntStream.range(0, 8).mapToObj(i -> message("m" + i)).toList();

    List<Outcome<Void>> outcomes =
        open()
            .processBatch(
                batch,
                (fresh, tx) -> {
                  for (Message message : fresh) {
                    tx.outbox().append(message("orders", "7", message.id()), message);
                    if (message.id().equals("m5")) {
                      throw new IllegalStateException("poison");
                    }
                  }
                });

    assertThat(kinds(outcomes)).filteredOn("Failed"::equals).hasSize(1);
    assertThat(payloads(relayed(7))).containsExactly("m0", "m1", "m2", "m3", "m4", "m6", "m7");
  }

  @Test
  void aSwallowedErrorPublishesNothingAndIsNamed() throws Exception {
    Handler swallowing =
        tx -> {
          tx.outbox().append(message("orders", "7", "a lie"));
          assertThatThrownBy(() -> books.fail(tx.connection())).isInstanceOf(SQLException.class);
          tx.outbox().append(message("orders", "7", "another"));
        };

    Outcome.Failed<?> failed = as(Outcome.Failed.class, open().process(message("a"), swallowing));

    assertThat(failed.reason()).isEqualTo(Reason.HANDLER_FAILED);
    assertThat(failed.cause())
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("IBX-312")
        .hasMessageNotContaining("outbox");
    assertThat(failed.cause().getCause()).as("what was swallowed").isInstanceOf(SQLException.class);
    assertThat(count("outbox")).isZero();
  }

  @Test
  void goesBackWithTheSavepointsOfTheHandler() throws Exception {
    open()
        .process(
            message("a"),
            tx -> {
              Savepoint before = tx.connection().setSavepoint();
              tx.outbox().append(message("orders", "7", "before any"));
              tx.connection().rollback(before);
              tx.outbox().append(message("orders", "7", "one"));
              Savepoint named = tx.connection().setSavepoint("named");
              tx.outbox().append(message("orders", "7", "undone"));
              Savepoint inner = tx.connection().setSavepoint();
              tx.outbox().append(message("orders", "7", "undone, too"));
              tx.connection().releaseSavepoint(inner);
              tx.connection().rollback(named);
              tx.outbox().append(message("orders", "7", "undone later"));
              tx.connection().rollback(named);
              tx.outbox().append(message("orders", "7", "two"));
            });

    assertThat(payloads(relayed(2))).containsExactly("one", "two");
  }

  @Test
  void goesBackWithTheNestedTransactionsOfTheHandlersContext() throws Exception {
    open()
        .process(
            message("a"),
            tx -> {
              tx.outbox().append(message("orders", "7", "one"));
              nested(tx, true, () -> tx.outbox().append(message("orders", "7", "undone")));
              nested(
                  tx,
                  false,
                  () -> {
                    tx.outbox().append(message("orders", "7", "two"));
                    nested(tx, true, () -> tx.outbox().append(message("orders", "7", "undone")));
                  });
              tx.outbox().append(message("orders", "7", "three"));
            });

    assertThat(payloads(relayed(3))).containsExactly("one", "two", "three");
  }

  @Test
  void theFirstAppendInANestedTransactionGoesBackWithIt() throws Exception {
    open()
        .process(
            message("a"),
            tx -> nested(tx, true, () -> tx.outbox().append(message("orders", "7", "undone"))));

    assertThat(count("outbox")).isZero();
  }

  private static void nested(Transaction tx, boolean fails, Runnable work) {
    RuntimeException undo = new IllegalStateException("undo");
    try {
      tx.dsl()
          .transaction(
              unused -> {
                work.run();
                if (fails) {
                  throw undo;
                }
              });
    } catch (IllegalStateException e) {
      assertThat(e).isSameAs(undo);
    }
  }

  @Test
  void isTheHandlersOnItsThreadWhileItRuns() throws Exception {
    AtomicReference<OutboxAppender> kept = new AtomicReference<>();
    AtomicReference<Transaction> transaction = new AtomicReference<>();
    open()
        .process(
            message("a"),
            tx -> {
              kept.set(tx.outbox());
              transaction.set(tx);
              assertThatThrownBy(
                      () ->
                          Threads.result(
                              threads.start(
                                  () -> kept.get().append(message("orders", "7", "elsewhere")))))
                  .isInstanceOf(ExecutionException.class)
                  .cause()
                  .isInstanceOf(UsageException.class)
                  .hasMessageContaining("IBX-310")
                  .hasMessageContaining("another thread");
              tx.outbox().append(message("orders", "7", "here"));
            });

    assertThatThrownBy(() -> kept.get().append(message("orders", "7", "late")))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("IBX-310");
    assertThatThrownBy(() -> transaction.get().outbox().append(message("orders", "7", "late")))
        .isInstanceOf(UsageException.class);
    assertThat(payloads(relayed(1))).containsExactly("here");
  }
}
