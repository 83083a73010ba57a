package io.inbox.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.impl.LaissezFaireSubTypeValidator;
import io.inbox.error.InvalidMessageException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonCodecTest {
  private final JsonCodec<Payment> codec = JsonCodec.of(Payment.class);

  record Payment(String account, BigDecimal amount, Map<String, Integer> tags) {}

  record Anything(Object value) {}

  @Test
  void givesBackWhatItWrote() {
    Payment payment = new Payment("a", new BigDecimal("12345678901234567.89"), Map.of("x", 1));
    assertThat(codec.decode(codec.encode(payment))).isEqualTo(payment);
  }

  @Test
  void writesEqualValuesAsEqualBytes() {
    Map<String, Integer> tags = new java.util.LinkedHashMap<>();
    tags.put("z", 1);
    tags.put("a", 2);
    assertThat(
            new String(
                codec.encode(new Payment("a", BigDecimal.ONE, tags)), StandardCharsets.UTF_8))
        .isEqualTo("{\"account\":\"a\",\"amount\":1,\"tags\":{\"a\":2,\"z\":1}}");
  }

  @Test
  void ignoresMembersItDoesNotKnow() {
    assertThat(decode("{\"account\":\"a\",\"new\":[1]}").account()).isEqualTo("a");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "null",
        "[]",
        "{} {}",
        "{\"account\":\"a\",\"account\":\"b\"}",
        "{\"amount\":NaN}",
        "{\"amount\":\"secret\"}",
        "{\"tags\":{\"secret\":\"x\"}}",
      })
  void refusesWhatIsNoSuchValue(String text) {
    assertThatThrownBy(() -> decode(text))
        .isInstanceOf(InvalidMessageException.class)
        .hasMessageStartingWith("IBX-132: the payload ")
        .hasNoCause();
  }

  @Test
  void namesThePlaceAndNeverTheContent() {
    assertThatThrownBy(() -> decode("{\n\"amount\":\"secret\"}"))
        .hasMessageContaining("Payment at /amount (line 2")
        .hasMessageNotContaining("secret");
  }

  @Test
  void boundsTheDepth() {
    JsonCodec<Anything> anything = JsonCodec.of(Anything.class);
    byte[] deep = ("{\"value\":" + "[".repeat(10_000)).getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> anything.decode(deep)).hasMessageContaining("200");
  }

  @Test
  void letsNoBytesChooseAClass() {
    JsonMapper careless =
        JsonMapper.builder()
            .activateDefaultTyping(
                LaissezFaireSubTypeValidator.instance,
                com.fasterxml.jackson.databind.ObjectMapper.DefaultTyping.NON_FINAL)
            .build();
    byte[] typed = "{\"value\":[\"java.io.File\",\"x\"]}".getBytes(StandardCharsets.UTF_8);
    assertThat(JsonCodec.of(Anything.class, careless).decode(typed).value())
        .isEqualTo(java.util.List.of("java.io.File", "x"));
  }

  private Payment decode(String text) {
    return codec.decode(text.getBytes(StandardCharsets.UTF_8));
  }
}
