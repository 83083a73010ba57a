package io.inbox.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.Fingerprint;
import io.inbox.Message;
import io.inbox.MessageIds;
import io.inbox.MessageKey;
import io.inbox.RetryPolicy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TextTest {
  private static final List<String> CORNERS =
      List.of(
          "a",
          "ab",
          "b",
          "~",
          "\u0080",
          "\u07ff",
          "\u0800",
          "\ud7ff",
          "\ue000",
          "\uffef",
          "\ud800\udc00",
          "\ud83d\udcb6",
          "\udbff\udffd",
          "a\uffef",
          "a\ud800\udc00",
          "A",
          "\u00e9");

  @Test
  void keysAreOrderedByTheirUtf8Bytes() {
    for (String a : CORNERS) {
      for (String b : CORNERS) {
        int bytes =
            Arrays.compareUnsigned(
                a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
        assertThat(Integer.signum(Utf8Order.compare(a, b)))
            .as("%s and %s", a, b)
            .isEqualTo(Integer.signum(bytes));
      }
    }
    assertThat("\ud800\udc00".compareTo("\uffef")).as("UTF-16 has another order").isNegative();
  }

  @Test
  void partsOfAKeyAreNotGlued() {
    assertThat(new MessageKey("", "c", "a", "b/c"))
        .isNotEqualTo(new MessageKey("", "c", "a/b", "c"));
    assertThat(new MessageKey("t", "c", "", "x")).isNotEqualTo(new MessageKey("", "c", "t", "x"));
    assertThat(MessageIds.sha256("a", "bc")).isNotEqualTo(MessageIds.sha256("ab", "c"));
    assertThat(MessageIds.sha256("a", "", "b")).isNotEqualTo(MessageIds.sha256("a", "b", ""));
    assertThat(MessageIds.sha256("a")).hasSize(64).isEqualTo(MessageIds.sha256("a"));
  }

  @Test
  void headersComeBackAsTheyWere() {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("plain", "v");
    headers.put("a&b=c", "=&+% \n\0 \u00fc \ud83d\udcb6");
    headers.put("empty", "");
    assertThat(HeaderText.read(HeaderText.write(headers))).isEqualTo(headers);
    assertThat(HeaderText.read(HeaderText.write(headers)).keySet())
        .containsExactly("plain", "a&b=c", "empty");
    assertThat(HeaderText.read(HeaderText.write(Map.of()))).isEmpty();
    assertThat(HeaderText.write(headers)).doesNotContain("\0");
  }

  @Test
  void idsAreDerivedFromWhatTheProducerGives() {
    Message sequence = MessageIds.fromSequence("printer", 42).build();
    assertThat(sequence.id()).isEqualTo("0000000000000000042");
    assertThat(sequence.source()).isEqualTo("printer");
    assertThat(MessageIds.fromSequence("p", Long.MAX_VALUE).build().id()).hasSize(19);
    Message position = MessageIds.fromPosition("orders", 3, 7).build();
    assertThat(position.source()).isEqualTo("3@orders");
    Message event = MessageIds.fromCloudEvent("/shop", "1").build();
    assertThat(event.source() + " " + event.id()).isEqualTo("/shop 1");
    Message header = MessageIds.fromHeader(Map.of("id", "x", "h", "v"), "id").build();
    assertThat(header.id()).isEqualTo("x");
    assertThat(header.headers()).containsEntry("h", "v");
    byte[] payload = {1, 2};
    assertThat(MessageIds.fromContent("s", payload, it -> it).build().id())
        .isEqualTo(Sha256.hex(Sha256.of(payload)));
  }

  @Test
  void aFingerprintTellsContentsApart() {
    Message a = Message.of("1", new byte[] {1});
    assertThat(Fingerprint.ofPayload().of(a)).hasSize(32).isEqualTo(Sha256.of(new byte[] {1}));
    Fingerprint first = Fingerprint.canonical(it -> new byte[] {it[0]});
    assertThat(first.of(a)).isEqualTo(first.of(Message.of("2", new byte[] {1, 9})));
    assertThat(first.of(Message.of("3", new byte[0])))
        .as("what has no canonical form counts byte for byte")
        .isEqualTo(Sha256.of(new byte[0]));
  }

  @Test
  void waitsGrowToTheirBoundAndLoseOnlyTheirRandomShare() {
    RetryPolicy exact =
        RetryPolicy.builder()
            .initialBackoff(Duration.ofSeconds(1))
            .maxBackoff(Duration.ofSeconds(5))
            .jitter(0)
            .build();
    assertThat(List.of(0, 1, 2, 3, 4, 10_000))
        .extracting(exact::backoff)
        .extracting(Duration::toSeconds)
        .containsExactly(1L, 1L, 2L, 4L, 5L, 5L);
    RetryPolicy random = RetryPolicy.builder().jitter(0.5).build();
    for (int i = 0; i < 1_000; i++) {
      assertThat(random.backoff(1)).isBetween(Duration.ofMillis(500), Duration.ofSeconds(1));
    }
  }
}
