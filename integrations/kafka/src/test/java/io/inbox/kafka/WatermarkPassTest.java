package io.inbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.Message;
import io.inbox.Watermark;
import io.inbox.error.ConfigurationException;
import io.inbox.kafka.RecordHandler.Handled;
import io.inbox.outbox.OutboxMessage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records that are recognised by their offsets, without a broker. */
final class WatermarkPassTest {
  private static final TopicPartition P0 = new TopicPartition("orders", 0);
  private static final TopicPartition P1 = new TopicPartition("orders", 1);
  private static final int RECORDS = 120;

  private final TestInbox inbox = TestInbox.onH2("watermark-pass");
  private final RecordHandler records = inbox.records();

  @AfterEach
  void close() {
    inbox.close();
  }

  @Test
  void offsetsAreThePositionsOfEachPartition() {
    Map<TopicPartition, Watermark> owned = own(records);
    Handled handled =
        records.handle(
            Polled.of(record(P0, 4, "a"), record(P0, 9, "b"), record(P1, 0, "c")), owned);
    assertThat(handled.redeliver()).isEmpty();
    assertThat(handled.commit().get(P0).offset()).isEqualTo(10);
    assertThat(handled.commit().get(P1).offset()).isEqualTo(1);
    assertThat(owned.get(P0).position()).hasValue(9);
    assertThat(owned.get(P1).position()).hasValue(0);
    Handled again =
        records.handle(Polled.of(record(P0, 9, "b"), record(P0, 10, "d")), own(records));
    assertThat(again.commit().get(P0).offset()).isEqualTo(11);
    assertThat(inbox.effects()).containsExactlyInAnyOrder("a", "b", "c", "d");
  }

  @Test
  void aRecordThatFailsHoldsItsPartitionUntilItIsADeadLetter() {
    RecordHandler failing =
        inbox.records(
            (fresh, tx) -> {
              TestInbox.note(fresh, tx);
              if (fresh.stream().anyMatch(it -> Tests.text(it.payload()).equals("poison"))) {
                throw new IllegalStateException("told to fail");
              }
            });
    Map<TopicPartition, Watermark> owned = own(failing);
    for (int attempt = 1; attempt < 4; attempt++) {
      Handled handled =
          failing.handle(
              Polled.of(
                  record(P0, 1, "a"),
                  record(P0, 2, "poison"),
                  record(P0, 3, "b"),
                  record(P1, 1, "c")),
              owned);
      assertThat(handled.redeliver().get(P0).offset()).isEqualTo(2);
      assertThat(handled.redeliver().get(P0).after()).isPositive();
      assertThat(handled.redeliver()).doesNotContainKey(P1);
      assertThat(handled.commit().get(P0).offset()).isEqualTo(2);
      assertThat(owned.get(P0).position()).hasValue(1);
    }
    Handled last = failing.handle(Polled.of(record(P0, 2, "poison"), record(P0, 3, "b")), owned);
    assertThat(last.commit().get(P0).offset()).isEqualTo(4);
    assertThat(inbox.effects()).containsExactlyInAnyOrder("a", "c", "b");
    assertThat(inbox.letters()).hasSize(1);
  }

  /** No id, a payload that is too large, and a message of another tenant. */
  @Test
  void whatCannotBeAMessageIsSetAsideInItsTurn() {
    RecordHandler odd =
        RecordHandler.builder(inbox.inbox(), TestInbox::note)
            .identity(
                it -> {
                  String text = Tests.text(it.value());
                  if (text.equals("unreadable")) {
                    throw new IllegalStateException("no id in it");
                  }
                  Message.Builder message = Message.builder("id-" + it.offset());
                  return text.equals("foreign") ? message.tenant("acme") : message;
                })
            .build();
    Map<TopicPartition, Watermark> owned = own(odd);
    Handled handled =
        odd.handle(
            Polled.of(
                record(P0, 1, "a"),
                record(P0, 2, "unreadable"),
                record(P0, 3, "b"),
                record(P0, 4, "x".repeat(10_001)),
                record(P0, 5, "c"),
                record(P0, 6, "foreign"),
                record(P0, 7, "d")),
            owned);
    assertThat(handled.redeliver()).isEmpty();
    assertThat(handled.commit().get(P0).offset()).isEqualTo(8);
    assertThat(inbox.effects()).containsExactly("a", "b", "c", "d");
    assertThat(inbox.letters())
        .extracting(it -> it.headers().get(RecordHandler.OFFSET_HEADER))
        .containsExactly("2", "4", "6");
    odd.handle(Polled.of(record(P0, 2, "unreadable")), own(odd));
    assertThat(inbox.letters()).as("it comes again").hasSize(3);
  }

  /** What a producer sends twice has two offsets. */
  @Test
  void theIdIsNotWhatIsRecognised() {
    Map<String, String> id = Map.of(OutboxMessage.ID_HEADER, "evt-1");
    Map<TopicPartition, Watermark> owned = own(records);
    records.handle(
        Polled.of(Polled.record(P0, 1, "k", "first", id), Polled.record(P0, 2, "k", "second", id)),
        owned);
    assertThat(inbox.effects()).containsExactly("first", "second");
  }

  @Test
  void aFormerOwnerHandlesAndCommitsNothing() {
    Map<TopicPartition, Watermark> former = own(records);
    own(records);
    Handled handled = records.handle(Polled.of(record(P0, 1, "a")), former);
    assertThat(handled.commit()).isEmpty();
    assertThat(handled.redeliver().get(P0).offset()).isEqualTo(1);
    assertThat(former.get(P0).fenced()).isTrue();
    assertThat(inbox.effects()).isEmpty();
  }

  @Test
  void aPartitionWithoutAWatermarkIsNotHandled() {
    Handled handled =
        records.handle(
            Polled.of(record(P0, 1, "a"), record(P1, 1, "b")), Map.of(P1, records.takeOver(P1)));
    assertThat(handled.redeliver().get(P0).offset()).isEqualTo(1);
    assertThat(inbox.effects()).containsExactly("b");
  }

  @Test
  void nothingIsSettledWhileTheDatabaseIsDown() {
    Map<TopicPartition, Watermark> owned = own(records);
    inbox.down(true);
    Handled handled = records.handle(Polled.of(record(P0, 1, "a"), record(P1, 1, "b")), owned);
    assertThat(handled.unavailable()).isTrue();
    assertThat(handled.commit()).isEmpty();
    assertThat(handled.redeliver()).containsOnlyKeys(P0, P1);
    inbox.down(false);
    records.handle(Polled.of(record(P0, 1, "a"), record(P1, 1, "b")), owned);
    assertThat(inbox.effects()).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void refusesOptionsThatContradictIt() {
    RecordHandler tenants =
        RecordHandler.builder(inbox.inbox(), TestInbox::note).tenantHeader("tenant").build();
    assertThatThrownBy(() -> tenants.takeOver(P0))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("IBX-804")
        .hasMessageContaining("tenantHeader");
    RecordHandler unordered =
        RecordHandler.builder(inbox.inbox(), TestInbox::note).keepOrder(false).build();
    assertThatThrownBy(
            () -> KafkaInbox.builder(Map.of(), unordered).topics("orders").watermarks().start())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("keepOrder");
  }

  /** Handlers fail, and the partition changes hands with nothing but the database to remember. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void everyEffectOnceAndInOrderWhateverFails(long seed) {
    Random random = new Random(seed);
    Map<String, Integer> failures = new HashMap<>();
    RecordHandler failing =
        inbox.records(
            (fresh, tx) -> {
              TestInbox.note(fresh, tx);
              for (Message message : fresh) {
                if (failures.merge(Tests.text(message.payload()), -1, Integer::sum) >= 0) {
                  throw new IllegalStateException("told to fail");
                }
              }
            });
    List<String> expected = new ArrayList<>();
    List<Long> offsets = new ArrayList<>();
    for (long offset = random.nextInt(3);
        expected.size() < RECORDS;
        offset += 1 + random.nextInt(3)) {
      expected.add("at " + offset);
      offsets.add(offset);
      if (random.nextInt(15) == 0) { // alone it fails at most three times, then it is given up
        failures.put("at " + offset, 1 + random.nextInt(3));
      }
    }
    Map<TopicPartition, Watermark> owned = own(failing);
    int from = 0;
    for (int polls = 0; from < RECORDS; polls++) {
      assertThat(polls).isLessThan(2_000);
      List<ConsumerRecord<byte[], byte[]>> polled = new ArrayList<>();
      for (int i = from; i < Math.min(RECORDS, from + 1 + random.nextInt(40)); i++) {
        polled.add(record(P0, offsets.get(i), expected.get(i)));
      }
      Handled handled = failing.handle(Polled.of(polled), owned);
      from += polled.size();
      if (handled.redeliver().containsKey(P0)) {
        from = offsets.indexOf(handled.redeliver().get(P0).offset());
      }
      if (random.nextInt(5) == 0) {
        owned = own(failing);
        from = Math.max(0, from - random.nextInt(10)); // comes again, as after a lost commit
      }
    }
    assertThat(inbox.effects()).containsExactlyElementsOf(expected);
    assertThat(inbox.letters()).isEmpty();
  }

  private static Map<TopicPartition, Watermark> own(RecordHandler handler) {
    return Map.of(P0, handler.takeOver(P0), P1, handler.takeOver(P1));
  }

  private static ConsumerRecord<byte[], byte[]> record(
      TopicPartition partition, long offset, String text) {
    return Polled.record(partition, offset, "k", text, Map.of());
  }
}
