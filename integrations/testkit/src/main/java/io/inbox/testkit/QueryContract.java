package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jooq.impl.DSL.deleteFrom;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.insertInto;
import static org.jooq.impl.DSL.param;
import static org.jooq.impl.DSL.query;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.update;
import static org.jooq.impl.DSL.val;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.SqlHandler;
import io.inbox.error.ConfigurationException;
import io.inbox.error.UsageException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jooq.Field;
import org.jooq.Query;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.VisitListener;
import org.jooq.impl.DSL;
import org.jooq.impl.DefaultConfiguration;
import org.jooq.impl.DefaultVisitListenerProvider;
import org.junit.jupiter.api.Test;

/** Handlers that are nothing but queries. */
abstract class QueryContract extends Contract {
  private static final Table<Record> ACCOUNT = DSL.table("account");
  private static final Table<Record> APPLIED = DSL.table("applied");
  private static final Field<String> OWNER = field("owner", String.class);
  private static final Field<Long> BALANCE = field("balance", Long.class);
  private static final Field<String> MESSAGE_ID = field("message_id", String.class);

  private static Query note() {
    return insertInto(APPLIED, OWNER, MESSAGE_ID)
        .values(param("owner", String.class), param("id", String.class));
  }

  private static Query add() {
    return update(ACCOUNT)
        .set(BALANCE, BALANCE.plus(param("amount", Long.class)))
        .where(OWNER.eq(param("owner", String.class)));
  }

  private Map<String, Object> noted(Message message) {
    return Map.of("owner", books.owner(), "id", message.id());
  }

  private Map<String, Object> added(long amount) {
    return Map.of("owner", books.owner(), "amount", amount);
  }

  private Map<String, Object> both(Message message) {
    return Map.of("owner", books.owner(), "id", message.id(), "amount", 1);
  }

  /** Handles a message twice; only the first may write. */
  private void onceOnly(SqlHandler handler, String id, Map<String, Object> values) {
    assertThat(handler.process(message(id), values)).isInstanceOf(Outcome.Processed.class);
    Outcome.Duplicate<?> duplicate =
        as(Outcome.Duplicate.class, handler.process(message(id), values));
    assertThat(duplicate.handledAt()).isNotNull();
  }

  @Test
  void eachKindOfQueryRunsOnceForAMessage() {
    Inbox inbox = open();
    onceOnly(inbox.sql(note()), "insert", noted(message("insert")));
    assertThat(books.applied()).containsExactly("insert");

    onceOnly(inbox.sql(add()), "update", added(5));
    assertThat(books.balance()).isEqualTo(5);

    SqlHandler copying =
        inbox.sql(
            insertInto(APPLIED, OWNER, MESSAGE_ID)
                .select(
                    select(OWNER, val("copy of ").concat(MESSAGE_ID))
                        .from(APPLIED)
                        .where(OWNER.eq(param("owner", String.class)))));
    onceOnly(copying, "select", Map.of("owner", books.owner()));
    assertThat(books.applied()).containsExactlyInAnyOrder("insert", "copy of insert");

    SqlHandler deleting =
        inbox.sql(
            deleteFrom(APPLIED)
                .where(OWNER.eq(param("owner", String.class)).and(MESSAGE_ID.like("copy%"))));
    onceOnly(deleting, "delete", Map.of("owner", books.owner()));
    assertThat(books.applied()).containsExactly("insert");

    SqlHandler plain =
        inbox.sql(query("UPDATE account SET balance = balance + 1 WHERE owner = ?", books.owner()));
    onceOnly(plain, "plain", Map.of());
    assertThat(books.balance()).isEqualTo(6);

    SqlHandler rows =
        inbox.sql(
            insertInto(APPLIED, OWNER, MESSAGE_ID)
                .values(param("owner", String.class), val("a"))
                .values(param("owner", String.class), val("b")));
    onceOnly(rows, "rows", Map.of("owner", books.owner()));
    assertThat(books.applied()).containsExactlyInAnyOrder("insert", "a", "b");
    assertThat(rows("message")).isEqualTo(6);
  }

  /** A duplicate must not write even if what the first wrote is gone again. */
  @Test
  void aDuplicateWritesNothing() {
    SqlHandler handler = open().sql(note(), add());
    Message message = message("m");
    assertThat(handler.process(message, both(message))).isInstanceOf(Outcome.Processed.class);
    books.run("DELETE FROM applied WHERE owner = ?", books.owner());
    books.run("UPDATE account SET balance = 0 WHERE owner = ?", books.owner());

    assertThat(handler.process(message, both(message))).isInstanceOf(Outcome.Duplicate.class);

    assertThat(books.applied()).isEmpty();
    assertThat(books.balance()).isZero();
  }

  /** Parts of one statement would share a snapshot, and one of the two updates would be lost. */
  @Test
  void eachQuerySeesWhatThoseBeforeItWrote() {
    SqlHandler handler = open().sql(add(), add(), note(), deleteFrom(APPLIED).where(OWNER.eq("")));
    for (int i = 0; i < 12; i++) { // often enough for statements to be prepared on the server
      Message message = message("m" + i);
      assertThat(handler.process(message, both(message))).isInstanceOf(Outcome.Processed.class);
    }
    assertThat(books.balance()).isEqualTo(24);
    assertThat(books.applied()).hasSize(12).doesNotHaveDuplicates();
  }

  @Test
  void ofManyThreadsWithOneKeyOneWrites() throws Exception {
    Inbox inbox = open(it -> it.wait(Duration.ofSeconds(30)));
    SqlHandler one = inbox.sql(add());
    SqlHandler two = inbox.sql(note(), add());
    for (int round = 0; round < 15; round++) {
      Message message = message("m" + round);
      boolean single = round % 2 == 0;
      List<Outcome<Void>> outcomes =
          threads.race(
              8,
              () -> single ? one.process(message, added(1)) : two.process(message, both(message)));
      assertThat(outcomes).filteredOn(Outcome.Processed.class::isInstance).hasSize(1);
      assertThat(outcomes).filteredOn(Outcome.Duplicate.class::isInstance).hasSize(7);
    }
    assertThat(books.balance()).isEqualTo(15);
    assertThat(books.applied()).hasSize(7).doesNotHaveDuplicates();
  }

  @Test
  void messagesOnManyThreadsAddUp() throws Exception {
    SqlHandler handler = open().sql(note(), add());
    AtomicInteger next = new AtomicInteger();
    threads.race(
        8,
        () -> {
          for (int i = next.getAndIncrement(); i < 200; i = next.getAndIncrement()) {
            Message message = message("m" + i % 100);
            assertThat(handler.process(message, both(message)).acknowledge()).isTrue();
          }
          return null;
        });
    assertThat(books.applied()).hasSize(100).doesNotHaveDuplicates();
    assertThat(books.balance()).isEqualTo(100);
  }

  @Test
  void aQueryThatFailsLeavesNothing_andCountsAsAnAttempt() {
    Inbox inbox = open();
    Query failing =
        insertInto(ACCOUNT, OWNER, BALANCE)
            .values(param("owner", String.class), param("amount", Long.class));
    SqlHandler single = inbox.sql(failing); // the account exists
    SqlHandler last = inbox.sql(note(), failing);
    Message message = message("m");

    assertThat(as(Outcome.Failed.class, single.process(message, added(1))).attempt()).isEqualTo(1);
    Outcome.Failed<?> again = as(Outcome.Failed.class, last.process(message, both(message)));
    assertThat(again.attempt()).isEqualTo(2);
    assertThat(again.reason()).isEqualTo(Reason.HANDLER_FAILED);
    assertThat(books.applied()).isEmpty();
    assertThat(rows("message")).isZero();

    SqlHandler mended = inbox.sql(note());
    assertThat(mended.process(message, noted(message))).isInstanceOf(Outcome.Processed.class);
  }

  @Test
  void aMessageFromOutsideTheWindowIsSetAside() {
    SqlHandler handler = open(it -> it.window(Duration.ofDays(1))).sql(note());
    Message old = Message.builder("old").time(Instant.now().minus(Duration.ofDays(2))).build();
    Message young = Message.builder("young").time(Instant.now()).build();

    assertThat(handler.process(old, noted(old))).isInstanceOf(Outcome.OutsideWindow.class);
    assertThat(handler.process(young, noted(young))).isInstanceOf(Outcome.Processed.class);
    assertThat(handler.process(young, noted(young))).isInstanceOf(Outcome.Duplicate.class);
    assertThat(books.applied()).containsExactly("young");
  }

  @Test
  void aKeyThatIsHeldIsNeitherLostNorHandled() throws Exception {
    Inbox inbox = open(it -> it.wait(Duration.ofMillis(50)));
    SqlHandler handler = inbox.sql(note());
    committed(
        connection -> {
          inbox.claim(connection, message("held"));
          return assertThat(handler.process(message("held"), noted(message("held"))))
              .isInstanceOf(Outcome.InFlight.class);
        });
    assertThat(books.applied()).isEmpty();
  }

  @Test
  void valuesAreCheckedBeforeAnythingIsWritten() {
    SqlHandler handler = open().sql(note(), add());
    List<Map<String, Object>> all = new ArrayList<>(List.of(Map.of(), added(1)));
    for (Object amount :
        List.of("much", "99999999999999999999", new BigDecimal("1.99"), 1e30, new Object())) {
      Map<String, Object> wrong = new HashMap<>(both(message("m")));
      wrong.put("amount", amount);
      all.add(wrong);
    }
    for (Map<String, Object> values : all) {
      assertThatThrownBy(() -> handler.process(message("m"), values))
          .isInstanceOf(UsageException.class)
          .hasMessageStartingWith("IBX-315");
    }
    assertThat(rows("message")).isZero();
    assertThat(rows("attempt")).isZero();
  }

  @Test
  void whatReturnsRowsOrIsNothingIsRefused() {
    Inbox inbox = open();
    for (Query query : new Query[] {select(val(1)), null}) {
      assertThatThrownBy(() -> inbox.sql(query))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageStartingWith("IBX-309");
    }
    Query[] many = new Query[100];
    java.util.Arrays.fill(many, note());
    assertThatThrownBy(() -> inbox.sql(note(), many)).hasMessageStartingWith("IBX-309");
  }

  /** They would be asked when the query is rendered, and never again. */
  @Test
  void aQueryWhoseContextHasVisitListenersIsRefused() {
    Inbox inbox = open();
    DefaultConfiguration listening = new DefaultConfiguration();
    listening.set(database().store().dialect());
    listening.set(new DefaultVisitListenerProvider(new VisitListener() {}));
    Query query = DSL.using(listening).update(ACCOUNT).set(BALANCE, 1L);
    assertThatThrownBy(() -> inbox.sql(query))
        .hasMessageStartingWith("IBX-309")
        .hasMessageContaining("visit listeners");
  }

  @Test
  void aNameOfTwoTypesIsRefused() {
    Inbox inbox = open();
    Query other = update(ACCOUNT).set(BALANCE, param("owner", Long.class));
    assertThatThrownBy(() -> inbox.sql(note(), other))
        .hasMessageStartingWith("IBX-309")
        .hasMessageContaining("parameter owner is of two types");
  }

  @Test
  void aHandlerCannotCallItForASecondConnection() {
    Inbox inbox = open();
    SqlHandler handler = inbox.sql(note());
    inbox.process(
        message("outer"),
        tx ->
            assertThatThrownBy(() -> handler.process(message("inner"), noted(message("inner"))))
                .hasMessageStartingWith("IBX-313"));
  }
}
