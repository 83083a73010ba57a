package io.inbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.DeadLetter;
import io.inbox.Message;
import io.inbox.MessageIds;
import io.inbox.Reason;
import io.inbox.error.RetryLaterException;
import io.inbox.kafka.RecordHandler.Handled;
import io.inbox.outbox.OutboxMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of the records of one poll; no broker needed. */
final class RecordHandlerTest {
  private static final TopicPartition P0 = new TopicPartition("orders", 0);
  private static final TopicPartition P1 = new TopicPartition("orders", 1);

  private final TestInbox inbox = TestInbox.onH2("records");
  private final Set<String> failing = ConcurrentHashMap.newKeySet();
  private final List<Message> seen = new ArrayList<>();
  private final List<Integer> calls = new ArrayList<>();

  @AfterEach
  void close() {
    inbox.close();
  }

  @Test
  void takesTheIdOfTheHeaderWhereverTheRecordStands() {
    RecordHandler handler = builder().build();
    Handled handled =
        handler.handle(
            Polled.of(
                Polled.record(P0, 5, "k", "a", Map.of(OutboxMessage.ID_HEADER, "m1")),
                Polled.record(P0, 6, "k", "b", Map.of(OutboxMessage.ID_HEADER, "m1")),
                Polled.record(P1, 0, "k", "c", Map.of(OutboxMessage.ID_HEADER, "m1"))));
    assertThat(inbox.effects()).containsExactly("a");
    assertThat(handled.commit()).isEqualTo(Map.of(P0, offset(7), P1, offset(1)));
    assertThat(handled.redeliver()).isEmpty();
    assertThat(handled.unavailable()).isFalse();
    assertThat(seen.get(0).id()).isEqualTo("m1");
    assertThat(seen.get(0).source()).isEmpty();
  }

  @Test
  void takesThePositionWhereThereIsNoHeader() {
    RecordHandler handler = builder().cluster("east").build();
    for (int i = 0; i < 2; i++) {
      handler.handle(
          Polled.of(
              Polled.record(P0, 5, "k", "a", Map.of()), Polled.record(P0, 6, "k", "a", Map.of())));
    }
    assertThat(inbox.effects()).containsExactly("a", "a");
    Message expected = MessageIds.fromPosition("east/orders", 0, 5).build();
    assertThat(seen.get(0).id()).isEqualTo(expected.id());
    assertThat(seen.get(0).source()).isEqualTo(expected.source());
  }

  @Test
  void givesTheHandlerWhatTheRecordSays() {
    RecordHandler handler =
        builder()
            .idHeader("event", "shop")
            .tenantHeader("tenant")
            .correlationHeader("trace")
            .recordTime(true)
            .headers(name -> name.equals("kind"))
            .build();
    long now = System.currentTimeMillis();
    RecordHeaders headers = new RecordHeaders();
    Map.of("event", "e1", "tenant", "acme", "trace", "t1", "kind", "paid", "secret", "x")
        .forEach((name, text) -> headers.add(name, Tests.bytes(text)));
    headers.add("kind", Tests.bytes("refunded"));
    headers.add(RecordHandler.OFFSET_HEADER, Tests.bytes("99"));
    headers.add("none", null);
    handler.handle(Polled.of(record(P0, 7, Tests.bytes("köln"), null, headers, now)));

    Message message = seen.get(0);
    assertThat(message.id()).isEqualTo("e1");
    assertThat(message.source()).isEqualTo("shop");
    assertThat(message.tenant()).isEqualTo("acme");
    assertThat(message.correlationId()).contains("t1");
    assertThat(message.time()).contains(Instant.ofEpochMilli(now));
    assertThat(message.hasPayload()).isFalse();
    assertThat(message.headers())
        .isEqualTo(
            Map.of(
                RecordHandler.TOPIC_HEADER,
                "orders",
                RecordHandler.PARTITION_HEADER,
                "0",
                RecordHandler.OFFSET_HEADER,
                "7",
                RecordHandler.KEY_HEADER,
                "köln",
                "kind",
                "refunded"));
  }

  @Test
  void leavesOutWhatIsNotAskedForOrMalformed() {
    byte[] key = {(byte) 0xff, 0};
    RecordHeaders headers = new RecordHeaders();
    headers.add(OutboxMessage.CORRELATION_HEADER, Tests.bytes(" "));
    headers.add(OutboxMessage.TENANT_HEADER, Tests.bytes("acme"));
    builder().build().handle(Polled.of(record(P0, 7, key, Tests.bytes("x"), headers, 5)));
    Message message = seen.get(0);
    assertThat(message.correlationId()).isEmpty();
    assertThat(message.tenant()).isEmpty();
    assertThat(message.time()).isEmpty();
    assertThat(message.headers())
        .containsEntry(RecordHandler.BINARY_KEY_HEADER, "/wA=")
        .doesNotContainKey(RecordHandler.KEY_HEADER);
  }

  @Test
  void separatesTenants() {
    RecordHandler handler = builder().tenantHeader("tenant").build();
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      String tenant = i % 2 == 0 ? "acme" : "globex";
      records.add(Polled.record(P0, i, "k" + i, "m" + i, Map.of("tenant", tenant)));
    }
    Handled handled = handler.handle(Polled.of(records));
    assertThat(handled.commit()).isEqualTo(Map.of(P0, offset(6)));
    assertThat(calls).containsExactly(3, 3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a\tb", "0123456789012345678901234567890123456789"})
  void storesWhatHasNoUsableIdAndGoesOn(String id) {
    String bad = id.length() > 30 ? id.repeat(10) : id;
    RecordHandler handler = builder().build();
    for (int i = 0; i < 2; i++) {
      Handled handled =
          handler.handle(
              Polled.of(
                  Polled.record(P0, 1, "k", "bad", Map.of(OutboxMessage.ID_HEADER, bad)),
                  Polled.record(P0, 2, "k", "good", Map.of())));
      assertThat(handled.commit()).isEqualTo(Map.of(P0, offset(3)));
    }
    assertThat(inbox.effects()).containsExactly("good");
    DeadLetter letter = onlyLetter();
    assertThat(letter.reason()).isEqualTo(Reason.NO_USABLE_ID);
    assertThat(letter.payload().map(Tests::text)).contains("bad");
    assertThat(letter.headers())
        .containsEntry(RecordHandler.OFFSET_HEADER, "1")
        .containsEntry(RecordHandler.KEY_HEADER, "k");
  }

  @Test
  void storesWhatLacksARequiredId() {
    Handled handled =
        builder().requireId().build().handle(Polled.of(Polled.record(P0, 1, "k", "x", Map.of())));
    assertThat(handled.commit()).isEqualTo(Map.of(P0, offset(2)));
    assertThat(onlyLetter().error().orElseThrow()).contains("IBX-101", OutboxMessage.ID_HEADER);
  }

  @Test
  void storesWhatTheIdentityCannotRead() {
    RecordHandler handler =
        builder()
            .identity(
                record -> {
                  if (Tests.text(record.value()).equals("later")) {
                    throw new RetryLaterException("IBX-323", "the registry is down");
                  }
                  return Message.builder(Tests.text(record.value()).substring(0, 5));
                })
            .build();
    Handled handled =
        handler.handle(
            Polled.of(
                Polled.record(P0, 1, "a", "12345678", Map.of()),
                Polled.record(P0, 2, "b", "123", Map.of()),
                Polled.record(P0, 3, "c", "later", Map.of()),
                Polled.record(P0, 4, "c", "87654321", Map.of()),
                Polled.record(P0, 5, "d", "abcdefgh", Map.of())));
    assertThat(seen).extracting(Message::id).containsExactly("12345", "abcde");
    assertThat(onlyLetter().payload().map(Tests::text)).contains("123");
    assertThat(handled.commit()).isEqualTo(Map.of(P0, offset(3)));
    assertThat(handled.redeliver().get(P0).offset()).isEqualTo(3);
  }

  @Test
  void storesWhatIsTooLargeOrHasTooManyHeaders() {
    RecordHeaders many = new RecordHeaders();
    for (int i = 0; i < 500; i++) {
      many.add("h" + i, new byte[] {0, (byte) 0xff, 'x'});
    }
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    records.add(Polled.record(P0, 1, "a", "first", Map.of()));
    records.add(Polled.record(P0, 2, "a", "x".repeat(10_001), Map.of()));
    records.add(record(P0, 3, Tests.bytes("b"), Tests.bytes("headers"), many, 0));
    records.add(Polled.record(P0, 4, "a", "last", Map.of()));
    Handled handled = builder().build().handle(Polled.of(records));
    assertThat(handled.commit()).isEqualTo(Map.of(P0, offset(5)));
    assertThat(inbox.effects()).containsExactly("first", "last");
    assertThat(inbox.letters())
        .extracting(letter -> letter.headers().get(RecordHandler.OFFSET_HEADER))
        .containsExactlyInAnyOrder("2", "3");
  }

  @Test
  void keepsTheLaterRecordsOfAKeyBackUntilTheEarlierOneIsSettled() {
    failing.add("a2");
    RecordHandler handler = builder().build();
    List<ConsumerRecord<byte[], byte[]>> records =
        List.of(
            Polled.record(P0, 10, "a", "a1", Map.of()),
            Polled.record(P0, 11, "a", "a2", Map.of()),
            Polled.record(P0, 12, "b", "b1", Map.of()),
            Polled.record(P0, 13, "a", "a3", Map.of()),
            Polled.record(P0, 14, null, "n1", Map.of()),
            Polled.record(P1, 3, "a", "other partition", Map.of()));
    Handled handled = handler.handle(Polled.of(records));
    assertThat(inbox.effects())
        .containsExactlyInAnyOrder("a1", "b1", "n1", "other partition")
        .doesNotContain("a2", "a3");
    assertThat(handled.commit()).isEqualTo(Map.of(P0, offset(11), P1, offset(4)));
    assertThat(handled.redeliver()).containsOnlyKeys(P0);
    assertThat(handled.redeliver().get(P0).offset()).isEqualTo(11);
    assertThat(handled.redeliver().get(P0).after()).isPositive();

    failing.clear();
    handled = handler.handle(Polled.of(records.subList(1, 5)));
    assertThat(handled.commit()).isEqualTo(Map.of(P0, offset(15)));
    assertThat(handled.redeliver()).isEmpty();
    assertThat(inbox.effects()).hasSize(6).containsSubsequence("a1", "a2", "a3");
  }

  @Test
  void mayHandleALaterRecordFirstWhereOrderIsNotKept() {
    failing.add("a1");
    RecordHandler handler = builder().keepOrder(false).build();
    handler.handle(
        Polled.of(
            Polled.record(P0, 1, "a", "a1", Map.of()), Polled.record(P0, 2, "a", "a2", Map.of())));
    assertThat(inbox.effects()).containsExactly("a2");
  }

  @Test
  void handlesAPollInOneTransactionHoweverFewKeysItHas() {
    for (int keys : new int[] {1, 10}) {
      List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        records.add(
            Polled.record(P0, 100 * keys + i, "k" + i % keys, "m" + i + " of " + keys, Map.of()));
      }
      builder().build().handle(Polled.of(records));
    }
    assertThat(calls).containsExactly(30, 30);
  }

  @Test
  void acknowledgesNothingWhileTheDatabaseIsDownAndTriesOneFirst() {
    RecordHandler handler = builder().build();
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      records.add(Polled.record(i % 2 == 0 ? P0 : P1, i, "k" + i, "m" + i, Map.of()));
    }
    inbox.down(true);
    for (int i = 0; i < 2; i++) {
      Handled handled = handler.handle(Polled.of(records));
      assertThat(handled.unavailable()).isTrue();
      assertThat(handled.commit()).isEmpty();
      assertThat(handled.redeliver()).containsOnlyKeys(P0, P1);
      assertThat(handled.redeliver().get(P1).after()).isPositive();
    }
    Handled dead =
        handler.handle(
            Polled.of(Polled.record(P0, 0, "k", "x", Map.of(OutboxMessage.ID_HEADER, " "))));
    assertThat(dead.unavailable()).isTrue();
    assertThat(dead.commit()).isEmpty();
    inbox.down(false);

    Handled handled = handler.handle(Polled.of(records));
    assertThat(handled.unavailable()).isFalse();
    assertThat(handled.commit()).containsOnlyKeys(P0, P1);
    assertThat(calls).containsExactly(1, 19);
    assertThat(inbox.effects()).hasSize(20);
  }

  @Test
  void throwsTheErrorOfABusinessCodeAndKeepsWhatWasCommitted() {
    RecordHandler handler =
        inbox.records(
            (fresh, tx) -> {
              TestInbox.note(fresh, tx);
              if (fresh.stream().anyMatch(it -> Tests.text(it.payload()).equals("deep"))) {
                throw new StackOverflowError();
              }
            });
    List<ConsumerRecord<byte[], byte[]>> records =
        List.of(
            Polled.record(P0, 1, "a", "fine", Map.of()),
            Polled.record(P0, 2, "a", "deep", Map.of()),
            Polled.record(P0, 3, "a", "behind", Map.of()));
    for (int attempt = 1; attempt < 4; attempt++) {
      assertThatThrownBy(() -> handler.handle(Polled.of(records)))
          .isInstanceOf(StackOverflowError.class);
      assertThat(inbox.effects()).containsExactly("fine");
    }
    assertThatThrownBy(() -> handler.handle(Polled.of(records)))
        .isInstanceOf(StackOverflowError.class);
    assertThat(handler.handle(Polled.of(records)).commit()).isEqualTo(Map.of(P0, offset(4)));
    assertThat(inbox.effects()).containsExactly("fine", "behind");
  }

  @Test
  void endsAfterTheTransactionInProgressWhenAskedTo() {
    RecordHandler handler = builder().build();
    Handled handled =
        handler.handle(
            Polled.of(
                Polled.record(P0, 1, "a", "a1", Map.of()),
                Polled.record(P0, 2, "a", "unreadable", Map.of(OutboxMessage.ID_HEADER, " ")),
                Polled.record(P1, 1, "a", "a3", Map.of())),
            () -> !calls.isEmpty());
    assertThat(handled.commit()).isEqualTo(Map.of(P0, offset(2)));
    assertThat(handled.redeliver().get(P1).offset()).isEqualTo(1);
    assertThat(handled.redeliver().get(P0).offset()).isEqualTo(2);
    assertThat(handled.redeliver().get(P0).after()).isEqualTo(Duration.ZERO);
    assertThat(handled.unavailable()).isFalse();
  }

  @Test
  void takesAHandlerOfSingleMessages() {
    RecordHandler handler =
        RecordHandler.builder(inbox.inbox(), message -> tx -> TestInbox.note(List.of(message), tx))
            .build();
    handler.handle(
        Polled.of(
            Polled.record(P0, 1, "a", "a1", Map.of()), Polled.record(P0, 2, "b", "b1", Map.of())));
    assertThat(inbox.effects()).containsExactly("a1", "b1");
  }

  private RecordHandler.Builder builder() {
    return RecordHandler.builder(
        inbox.inbox(),
        (fresh, tx) -> {
          TestInbox.note(fresh, tx);
          for (Message message : fresh) {
            if (message.hasPayload() && failing.contains(Tests.text(message.payload()))) {
              throw new IllegalStateException("told to fail");
            }
          }
          seen.addAll(fresh);
          calls.add(fresh.size());
        });
  }

  private DeadLetter onlyLetter() {
    List<DeadLetter> letters = inbox.letters();
    assertThat(letters).hasSize(1);
    return letters.get(0);
  }

  private static OffsetAndMetadata offset(long offset) {
    return new OffsetAndMetadata(offset, Optional.empty(), "");
  }

  private static ConsumerRecord<byte[], byte[]> record(
      TopicPartition partition,
      long offset,
      byte[] key,
      byte[] value,
      RecordHeaders headers,
      long time) {
    return new ConsumerRecord<>(
        partition.topic(),
        partition.partition(),
        offset,
        time,
        TimestampType.CREATE_TIME,
        0,
        0,
        key,
        value,
        headers,
        Optional.empty());
  }
}
