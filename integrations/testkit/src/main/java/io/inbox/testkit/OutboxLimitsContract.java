package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.Inbox;
import io.inbox.Outcome;
import io.inbox.error.ConfigurationException;
import io.inbox.error.InboxException;
import io.inbox.error.InvalidMessageException;
import io.inbox.error.SchemaException;
import io.inbox.error.UsageException;
import io.inbox.outbox.InMemoryPublisher;
import io.inbox.outbox.Outbox;
import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.OutboxSettings;
import io.inbox.outbox.Relay;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What the outbox refuses, and that nothing is lost by it. */
abstract class OutboxLimitsContract extends OutboxTesting {

  private static void refused(
      Class<? extends InboxException> type, String code, String remedy, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(type)
        .hasMessageStartingWith(code + ": ")
        .hasMessageContaining(remedy);
  }

  private static OutboxSettings settings(UnaryOperator<OutboxSettings.Builder> options) {
    return options.apply(OutboxSettings.builder()).build();
  }

  @Test
  void messagesThatBreakALimitAreRefusedWhereTheyAreAppended() throws Exception {
    Outbox outbox = outbox(settings(it -> it.maxPayloadBytes(10).requireKeys(true)));
    OutboxMessage large = OutboxMessage.of("orders", "7", new byte[11]);
    OutboxMessage keyless = OutboxMessage.of("orders", null, new byte[10]);
    String keyRemedy = "OutboxMessage.Builder.key";

    refused(
        InvalidMessageException.class,
        "IBX-131",
        "OutboxSettings.maxPayloadBytes",
        () -> append(outbox, large));
    refused(InvalidMessageException.class, "IBX-403", keyRemedy, () -> append(outbox, keyless));
    refused(
        InvalidMessageException.class,
        "IBX-131",
        "OutboxSettings.maxPayloadBytes",
        () -> committed(connection -> outbox.on(connection).append(large)));
    refused(
        InvalidMessageException.class,
        "IBX-403",
        keyRemedy,
        () -> committed(connection -> outbox.on(connection).append(keyless)));
    refused(
        InvalidMessageException.class,
        "IBX-138",
        "null",
        () -> append(outbox, (OutboxMessage) null));
    Inbox inbox = open(it -> it.outbox(settings(small -> small.maxPayloadBytes(10))));
    Outcome.Failed<?> failed =
        as(Outcome.Failed.class, inbox.process(message("a"), tx -> tx.outbox().append(large)));
    assertThat(failed.cause()).hasMessageContaining("IBX-131");

    assertThat(count("outbox")).isZero();
    append(outbox, OutboxMessage.of("orders", "7", new byte[10]));
    assertThat(relayed(1)).hasSize(1);
  }

  @Test
  void tooMuchForOneTransactionIsRefused() throws Exception {
    Outbox few = outbox(settings(it -> it.maxMessagesPerTransaction(2)));
    Outbox small = outbox(settings(it -> it.maxBytesPerTransaction(10)));
    OutboxMessage six = OutboxMessage.of("orders", "7", new byte[6]);

    refused(
        UsageException.class,
        "IBX-404",
        "maxMessagesPerTransaction",
        () -> append(few, six, six, six));
    refused(
        UsageException.class, "IBX-404", "maxBytesPerTransaction", () -> append(small, six, six));

    assertThat(count("outbox")).isZero();
    append(few, six, six);
    append(small, six);
    relayed(3);
  }

  @Test
  void aTransactionOfManyMessagesIsWrittenWhole() throws Exception {
    Outbox outbox = outbox(settings(it -> it.maxMessagesPerTransaction(25_000)));
    OutboxMessage[] messages = new OutboxMessage[25_000];
    for (int i = 0; i < messages.length; i++) {
      messages[i] = message("orders", "7", "m" + i);
    }

    append(outbox, messages);

    List<String> published = payloads(relayed(25_000));
    for (int i = 0; i < messages.length; i++) {
      assertThat(published.get(i)).isEqualTo("m" + i);
    }
  }

  @Test
  void topicsNoBrokerTakesAreRefusedWhenTheMessageIsBuilt() {
    for (String topic :
        new String[] {
          null, "", " ", "\t", ".", "..", ".a", "a b", "a/b", "a\nb", "ü", "a\0", "x".repeat(201)
        }) {
      refused(
          InvalidMessageException.class,
          "IBX-401",
          "map other names in the publisher",
          () -> OutboxMessage.to(topic));
    }
    for (String topic : List.of("a", "a.b", "A_b-9.c", "_", "-", "x".repeat(200))) {
      assertThat(OutboxMessage.to(topic).build().topic()).isEqualTo(topic);
    }
  }

  @Test
  void malformedPartsAreRefusedWhenTheMessageIsBuilt() {
    OutboxMessage.Builder builder = OutboxMessage.to("orders");
    Map<String, String> nulls = new HashMap<>();
    nulls.put("a", null);
    refused(InvalidMessageException.class, "IBX-135", "null", () -> builder.header("a", null));
    refused(InvalidMessageException.class, "IBX-135", "no name", () -> builder.header(null, "a"));
    refused(InvalidMessageException.class, "IBX-135", "no name", () -> builder.header("", "a"));
    refused(InvalidMessageException.class, "IBX-135", "null", () -> builder.headers(nulls));
    refused(InvalidMessageException.class, "IBX-102", "outbox key", () -> builder.key(""));
    refused(InvalidMessageException.class, "IBX-105", "outbox key", () -> builder.key("a\nb"));
    refused(InvalidMessageException.class, "IBX-106", "outbox key", () -> builder.key("\ud800"));
    refused(InvalidMessageException.class, "IBX-110", "tenant", () -> builder.tenant(null));
    refused(
        InvalidMessageException.class, "IBX-105", "correlation", () -> builder.correlationId("\0"));
    refused(
        InvalidMessageException.class,
        "IBX-136",
        "years 1 to 9999",
        () -> builder.notBefore(Instant.MAX));
    for (int i = 0; i <= 200; i++) {
      builder.header("h" + i, "v");
    }
    refused(InvalidMessageException.class, "IBX-135", "200", builder::build);
  }

  @Test
  void whateverHeadersHoldComesBack() throws Exception {
    OutboxMessage message =
        OutboxMessage.to("orders")
            .header("a b=c&d", "=&%+ \0\n\u00e4\u4e2d\ud83d\ude00")
            .header("empty", "")
            .build();
    append(outbox(), message);
    assertThat(relayed(1).get(0).headers()).isEqualTo(message.headers());
  }

  @Test
  void settingsOutOfRangeAreRefused() {
    List<UnaryOperator<OutboxSettings.Builder>> wrong =
        List.of(
            it -> it.maxPayloadBytes(0),
            it -> it.maxPayloadBytes(-1),
            it -> it.maxPayloadBytes(Integer.MAX_VALUE),
            it -> it.maxMessagesPerTransaction(0),
            it -> it.maxMessagesPerTransaction(1_000_001),
            it -> it.maxBytesPerTransaction(0),
            it -> it.maxBytesPerTransaction(Long.MAX_VALUE),
            it -> it.slots(-1),
            it -> it.slots(32_768));
    for (UnaryOperator<OutboxSettings.Builder> option : wrong) {
      refused(ConfigurationException.class, "IBX-405", "it must be", () -> settings(option));
    }
  }

  @Test
  void anotherNumberOfSlotsThanDeclaredIsRefused() throws Exception {
    refused(
        ConfigurationException.class,
        "IBX-402",
        "call Outbox.resize",
        () -> outbox(settings(it -> it.slots(8))));
    refused(
        ConfigurationException.class,
        "IBX-402",
        "call Outbox.resize",
        () -> open(it -> it.outbox(settings(small -> small.slots(8)))));
    open(it -> it.outbox(settings(small -> small.slots(16))));

    append(outbox(settings(it -> it.slots(16))), message("orders", "7", "x"));
    relayed(1);
  }

  @Test
  void isResizedOnlyWhenEmptyAndAtRest() throws Exception {
    Outbox outbox = outbox();
    try {
      String remedy = "then resize";
      append(outbox, message("orders", "7", "x"));
      refused(UsageException.class, "IBX-402", remedy, () -> outbox.resize(4));
      relayed(1);
      append(
          outbox,
          OutboxMessage.to("orders").notBefore(Instant.now().plus(Duration.ofDays(1))).build());
      refused(UsageException.class, "IBX-402", remedy, () -> outbox.resize(4));
      books.run("DELETE FROM " + table("outbox_delayed"));
      try (Relay relay = relay(new InMemoryPublisher())) {
        eventually("the relay owns every slot", () -> relay.slots().size() == 16);
        refused(UsageException.class, "IBX-402", "stop every relay", () -> outbox.resize(4));
      }
      refused(ConfigurationException.class, "IBX-405", "1 to 32767", () -> outbox.resize(0));
      assertThat(count("outbox_slot")).isEqualTo(16);

      for (int slots : new int[] {5, 40, 1, 16}) {
        outbox.resize(slots);
        assertThat(count("outbox_slot")).isEqualTo(slots);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
          append(outbox, message("orders", "key " + i, "m" + i));
          expected.add("m" + i);
        }
        assertThat(payloads(relayed(60))).containsExactlyInAnyOrderElementsOf(expected);
      }
    } finally {
      books.run("DELETE FROM " + table("outbox_slot"));
      for (int slot = 0; slot < 16; slot++) {
        books.run("INSERT INTO " + table("outbox_slot") + " (\"slot\") VALUES (?)", slot);
      }
    }
  }

  @Test
  void anOldSchemaIsRefused() throws Exception {
    String schema = table("schema_version");
    books.run("DELETE FROM " + schema + " WHERE \"version\" > 1");
    try {
      refused(SchemaException.class, "IBX-515", "migrate()", this::outbox);
      refused(SchemaException.class, "IBX-515", "migrate()", () -> relay(new InMemoryPublisher()));
    } finally {
      books.run("INSERT INTO " + schema + " (\"version\", \"compatible_from\") VALUES (2, 1)");
    }
    append(outbox(), message("orders", "7", "x"));
    relayed(1);
  }

  @Test
  void idsAreOfVersion7AndRise() {
    UUID last = OutboxMessage.to("orders").build().id();
    long before = System.currentTimeMillis();
    assertThat(Math.abs((last.getMostSignificantBits() >>> 16) - before)).isLessThan(60_000);
    for (int i = 0; i < 20_000; i++) {
      UUID next = OutboxMessage.to("orders").build().id();
      assertThat(next.version()).isEqualTo(7);
      assertThat(next.variant()).isEqualTo(2);
      assertThat(next.toString()).isGreaterThan(last.toString());
      last = next;
    }
    UUID own = UUID.randomUUID();
    assertThat(OutboxMessage.to("orders").id(own).build().id()).isEqualTo(own);
  }

  @Test
  void whatIsNotDueYetWaitsAndGoesBackWithItsTransaction() throws Exception {
    Instant tomorrow = Instant.now().plus(Duration.ofDays(1));
    OutboxMessage later =
        OutboxMessage.to("orders").key("7").payload(bytes("x")).notBefore(tomorrow).build();
    Inbox inbox = open();
    inbox.process(
        message("a"),
        tx -> {
          tx.outbox().append(later);
          throw new IllegalStateException("scripted");
        });
    assertThat(count("outbox_delayed")).isZero();

    inbox.process(message("a"), tx -> tx.outbox().append(later));
    append(outbox(), message("orders", "7", "now"));
    assertThat(payloads(relayed(1))).containsExactly("now");
    assertThat(count("outbox_delayed")).isOne();

    books.run("UPDATE " + table("outbox_delayed") + " SET \"due_at\" = CURRENT_TIMESTAMP");
    OutboxMessage due = relayed(1).get(0);
    assertThat(due.id()).isEqualTo(later.id());
    assertThat(due.causationId()).contains("a");
    assertThat(count("outbox_delayed")).isZero();
  }
}
