package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.GroupCommit;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.outbox.OutboxMessage;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Concurrent calls that share transactions. */
abstract class GroupCommitContract extends GroupCommitTesting {
  @Test
  void callsThatComeMeanwhileShareOneTransaction() throws Exception {
    Inbox inbox = sharing(ONE_AT_A_TIME);
    hold(inbox);
    List<Future<Outcome<Void>>> calls = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Message message = message("m" + i);
      calls.add(follow(inbox, message, booking(message)));
    }
    go.countDown();
    for (Future<Outcome<Void>> call : calls) {
      assertThat(Threads.result(call)).isInstanceOf(Outcome.Processed.class);
    }
    assertThat(Threads.result(first)).isInstanceOf(Outcome.Processed.class);
    assertThat(transactions).hasValue(2);
    assertThat(deliveries).filteredOn(it -> it.batchSize() == 20).hasSize(20);
    assertThat(books.applied()).hasSize(20).doesNotHaveDuplicates();
    assertThat(books.balance()).isEqualTo(20);
  }

  @Test
  void aTransactionTakesNoMoreThanItMay_andTheRestFollows() throws Exception {
    Inbox inbox = sharing(ONE_AT_A_TIME.messages(4));
    hold(inbox);
    List<Future<Outcome<Void>>> calls = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      Message message = message("m" + i);
      calls.add(follow(inbox, message, booking(message)));
    }
    go.countDown();
    for (Future<Outcome<Void>> call : calls) {
      assertThat(Threads.result(call)).isInstanceOf(Outcome.Processed.class);
    }
    assertThat(transactions).hasValue(1 + 3);
    assertThat(books.balance()).isEqualTo(10);
  }

  @Test
  void copiesOfOneMessageAreHandledOnce() throws Exception {
    Inbox inbox = sharing(ONE_AT_A_TIME);
    hold(inbox);
    List<Future<Outcome<Void>>> calls = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      Message message = message("m" + i % 2);
      calls.add(follow(inbox, message, booking(message)));
    }
    go.countDown();
    List<Outcome<Void>> outcomes = new ArrayList<>();
    for (Future<Outcome<Void>> call : calls) {
      outcomes.add(Threads.result(call));
    }
    assertThat(kinds(outcomes))
        .containsExactly(
            "Processed", "Processed", "Duplicate", "Duplicate", "Duplicate", "Duplicate");
    assertThat(books.applied()).containsExactlyInAnyOrder("m0", "m1");
  }

  @Test
  void tenantsDoNotShare() throws Exception {
    Inbox inbox = sharing(ONE_AT_A_TIME);
    hold(inbox);
    List<Future<Outcome<Void>>> calls = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      Message message = Message.builder("m" + i).tenant("tenant-" + i % 3).build();
      calls.add(follow(inbox, message, booking(message)));
    }
    go.countDown();
    for (Future<Outcome<Void>> call : calls) {
      assertThat(Threads.result(call)).isInstanceOf(Outcome.Processed.class);
    }
    assertThat(transactions).hasValue(1 + 3);
    assertThat(deliveries).filteredOn(it -> it.batchSize() == 3).hasSize(9);
  }

  @Test
  void aCallThatIsNotTakenInTimeGoesAlone() throws Exception {
    Inbox inbox = sharing(ONE_AT_A_TIME.patience(Duration.ofMillis(20)));
    hold(inbox);
    Message message = message("hurried");
    assertThat(inbox.process(message, booking(message))).isInstanceOf(Outcome.Processed.class);
    assertThat(first).isNotDone();
  }

  /** Handlers see their own message, whoever's thread they run on. */
  @Test
  void eachHandlerHasItsOwnTransactionToSee() throws Exception {
    Inbox inbox = sharing(ONE_AT_A_TIME);
    hold(inbox);
    List<Future<Outcome<Void>>> calls = new ArrayList<>();
    AtomicReference<Connection> kept = new AtomicReference<>();
    for (int i = 0; i < 3; i++) {
      Message message = Message.builder("m" + i).correlationId("c" + i).build();
      calls.add(
          follow(
              inbox,
              message,
              tx -> {
                if (kept.get() != null) {
                  assertThatThrownBy(() -> kept.get().createStatement())
                      .hasMessageContaining("IBX-310");
                }
                kept.set(tx.connection());
                tx.outbox().append(OutboxMessage.to("orders").key("k").build());
              }));
    }
    go.countDown();
    for (Future<Outcome<Void>> call : calls) {
      assertThat(Threads.result(call)).isInstanceOf(Outcome.Processed.class);
    }
    for (int i = 0; i < 3; i++) {
      assertThat(
              books.text(
                  "SELECT COUNT(*) FROM "
                      + table("outbox")
                      + " WHERE \"causation_id\" = ? AND \"correlation_id\" = ?",
                  "m" + i,
                  "c" + i))
          .isEqualTo("1");
    }
  }

  /** Two transactions that lock rows in different orders deadlock; these have the same order. */
  @Test
  void handlersRunInTheOrderOfSubjects() throws Exception {
    Inbox inbox = sharing(GroupCommit.ofDefaults().patience(LONG));
    List<String> owners = IntStream.range(0, 10).mapToObj(i -> consumer + "-" + i).toList();
    for (String owner : owners) {
      books.run("INSERT INTO account (owner, balance) VALUES (?, 0)", owner);
    }
    AtomicInteger next = new AtomicInteger();
    List<List<Outcome<Void>>> outcomes =
        threads.race(
            16,
            () -> {
              List<Outcome<Void>> mine = new ArrayList<>();
              for (int i = 0; i < 25; i++) {
                String owner = owners.get(ThreadLocalRandom.current().nextInt(owners.size()));
                Message message =
                    Message.builder("m" + next.getAndIncrement()).subject(owner).build();
                mine.add(inbox.process(message, tx -> Books.add(tx.connection(), owner, 1)));
              }
              return mine;
            });
    assertThat(outcomes.stream().flatMap(List::stream)).hasSize(400);
    assertThat(outcomes.stream().flatMap(List::stream))
        .allMatch(Outcome.Processed.class::isInstance);
    assertThat(owners.stream().mapToLong(books::balance).sum()).isEqualTo(400);
    assertThat(retries).as("deadlocks").isEmpty();
  }

  @Test
  void anOptionOutOfRangeIsRefused() {
    GroupCommit options = GroupCommit.ofDefaults();
    assertThatThrownBy(() -> options.transactions(0)).hasMessageStartingWith("IBX-211");
    assertThatThrownBy(() -> options.messages(1)).hasMessageStartingWith("IBX-211");
    assertThatThrownBy(() -> options.patience(Duration.ofMillis(-1)))
        .hasMessageStartingWith("IBX-211");
  }
}
