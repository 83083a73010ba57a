package io.inbox.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.Fingerprint;
import io.inbox.Message;
import io.inbox.error.InvalidMessageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.erdtman.jcs.JsonCanonicalizer;
import org.erdtman.jcs.NumberToJSON;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CanonicalJsonTest {

  /** RFC 8785, section 3.2.2, but for the one number that it rounds. */
  @Test
  void writesPrimitivesAsTheRfcDoes() {
    String input =
        """
        {
          "numbers": [1E30, 4.50, 2e-3, 0.000000000000000000000000001],
          "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
          "literals": [null, true, false]
        }
        """;
    assertThat(canonical(input))
        .isEqualTo(
            "{\"literals\":[null,true,false],\"numbers\":[1e+30,4.5,0.002,1e-27],"
                + "\"string\":\"\u20ac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
  }

  /** RFC 8785, section 3.2.3. */
  @Test
  void sortsByUtf16() {
    String input =
        """
        {
          "\\u20ac": "Euro Sign",
          "\\r": "Carriage Return",
          "\\ufb33": "Hebrew Letter Dalet With Dagesh",
          "1": "One",
          "\\ud83d\\ude00": "Emoji: Grinning Face",
          "\\u0080": "Control",
          "\\u00f6": "Latin Small Letter O With Diaeresis"
        }
        """;
    assertThat(canonical(input).replaceAll("\"[^\"]*\":\"([^\"]*)\"", "$1"))
        .isEqualTo(
            "{Carriage Return,One,Control,Latin Small Letter O With Diaeresis,Euro Sign,"
                + "Emoji: Grinning Face,Hebrew Letter Dalet With Dagesh}");
  }

  /** RFC 8785, appendix B: bits of a double and its spelling. */
  @ParameterizedTest
  @CsvSource({
    "0000000000000000, 0",
    "8000000000000000, 0",
    "0000000000000001, 5e-324",
    "8000000000000001, -5e-324",
    "7fefffffffffffff, 1.7976931348623157e+308",
    "ffefffffffffffff, -1.7976931348623157e+308",
    "4340000000000000, 9007199254740992",
    "c340000000000000, -9007199254740992",
    "4430000000000000, 295147905179352830000",
    "44b52d02c7e14af5, 9.999999999999997e+22",
    "44b52d02c7e14af6, 1e+23",
    "44b52d02c7e14af7, 1.0000000000000001e+23",
    "444b1ae4d6e2ef4e, 999999999999999700000",
    "444b1ae4d6e2ef4f, 999999999999999900000",
    "444b1ae4d6e2ef50, 1e+21",
    "3eb0c6f7a0b5ed8c, 9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d, 0.000001",
    "41b3de4355555553, 333333333.3333332",
    "41b3de4355555554, 333333333.33333325",
    "41b3de4355555555, 333333333.3333333",
    "41b3de4355555556, 333333333.3333334",
    "41b3de4355555557, 333333333.33333343",
    "becbf647612f3696, -0.0000033333333333333333",
    "43143ff3c1cb0959, 1424953923781206.2",
  })
  void spellsNumbersAsTheRfcDoes(String bits, String spelling) {
    double value = Double.longBitsToDouble(Long.parseUnsignedLong(bits, 16));
    assertThat(canonical(spelling)).isEqualTo(spelling);
    assertThat(Double.parseDouble(spelling)).isEqualTo(value == 0 ? 0.0 : value);
  }

  @ParameterizedTest
  @CsvSource({
    "9007199254740993, 9007199254740992",
    "1e400, 1e401",
    "1e400, 1e308",
    "1e-400, 0",
    "-1e-400, 1e-400",
    "333333333.33333329, 333333333.3333333",
    "12345678901234567.89, 12345678901234567.9",
    "0.1, 0.1000000000000000055511151231257827",
    "1e999999999, 1e999999998",
  })
  void keepsApartWhatADoubleCannot(String one, String other) {
    assertThat(canonical(one)).isNotEqualTo(canonical(other));
    assertThat(new BigDecimal(canonical(one))).isEqualByComparingTo(new BigDecimal(one));
    assertThat(new BigDecimal(canonical(other))).isEqualByComparingTo(new BigDecimal(other));
  }

  @ParameterizedTest
  @CsvSource({
    "1e400, 10.0E399",
    "9007199254740993, 9007199254740993.00",
    "9007199254740993, 0.9007199254740993e16",
    "-0, 0",
    "-0.0e5, 0",
    "100, 1E2",
    "0.10, 1e-1",
  })
  void givesEqualNumbersOneSpelling(String one, String other) {
    assertThat(canonical(one)).isEqualTo(canonical(other));
  }

  @Test
  void agreesWithTheReferenceWhereNothingIsRounded() throws Exception {
    Random random = new Random(8785);
    for (int i = 0; i < 2_000; i++) {
      String document = "{\"a\":" + value(random, 4) + ",\"A\":" + value(random, 4) + "}";
      assertThat(canonical(document))
          .as(document)
          .isEqualTo(new JsonCanonicalizer(document).getEncodedString());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"\\u0061\":1}",
        "{\"a\":NaN}",
        "[Infinity]",
        "[-Infinity]",
        "{} x",
        "{}{}",
        "[1,]",
        "{\"a\":1,}",
        "{'a':1}",
        "[01]",
        "[+1]",
        "[.5]",
        "[1.]",
        "[1e99999999999]",
        "// no\n1",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "\"tab\there\"",
        "\"\\x41\"",
        "nul",
      })
  void refusesWhatIsNotStrictJson(String text) {
    assertThatThrownBy(() -> canonical(text))
        .isInstanceOf(InvalidMessageException.class)
        .hasMessageStartingWith("IBX-132: the payload is not valid JSON: ");
  }

  @Test
  void refusesWhatIsNotUtf8() {
    byte[] latin = "\"caf\u00e9\"".getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> CanonicalJson.create().canonicalize(latin))
        .hasMessageContaining("not well-formed UTF-8");
    byte[] wide = "[1]".getBytes(StandardCharsets.UTF_16LE);
    assertThatThrownBy(() -> CanonicalJson.create().canonicalize(wide))
        .isInstanceOf(InvalidMessageException.class);
  }

  @Test
  void boundsTheDepth() {
    assertThat(canonical("[".repeat(200) + "]".repeat(200))).hasSize(400);
    assertThatThrownBy(() -> canonical("[".repeat(201) + "]".repeat(201)))
        .hasMessageContaining("nested deeper than 200");
    assertThatThrownBy(() -> canonical("{\"a\":".repeat(1_000_000)))
        .isInstanceOf(InvalidMessageException.class);
  }

  @Test
  void namesThePlaceAndNeverTheContent() {
    assertThatThrownBy(() -> canonical("{\n  \"card\": secret4242\n}"))
        .hasMessageContaining("line 2")
        .hasMessageNotContaining("secret")
        .hasMessageNotContaining("card")
        .hasNoCause();
  }

  @Test
  void isTheFingerprintOfWhatAPayloadSays() {
    Fingerprint fingerprint = Fingerprint.canonical(CanonicalJson.create());
    byte[] one = fingerprint.of(message("{\"a\":1,\"b\":[2.0]}"));
    assertThat(fingerprint.of(message(" { \"b\" : [ 2 ], \"a\" : 1 } "))).isEqualTo(one);
    assertThat(fingerprint.of(message("{\"a\":1,\"b\":[3]}"))).isNotEqualTo(one);
    assertThat(fingerprint.of(message("{\"a\":1,\"b\":["))).isNotEqualTo(one);
    assertThat(fingerprint.of(message("9007199254740993")))
        .isNotEqualTo(fingerprint.of(message("9007199254740992")));
  }

  private static Message message(String text) {
    return Message.of("id", text.getBytes(StandardCharsets.UTF_8));
  }

  private static String canonical(String text) {
    return new String(
        CanonicalJson.create().canonicalize(text.getBytes(StandardCharsets.UTF_8)),
        StandardCharsets.UTF_8);
  }

  private static String value(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 7 : 5)) {
      case 0 -> spelling(random);
      case 1 -> Integer.toString(random.nextInt());
      case 2 -> "\"\\u00" + (10 + random.nextInt(90)) + "\u20ac\\n\ud83d\ude00\"";
      case 3 -> random.nextBoolean() ? "true" : "false";
      case 4 -> "null";
      case 5 -> "[ " + value(random, depth - 1) + " , " + value(random, depth - 1) + "]";
      default ->
          "{ \"z\" : "
              + value(random, depth - 1)
              + " , \"\ufb33\": 1, \"\ud83d\ude00\": 2, \"y\" : "
              + value(random, depth - 1)
              + "}";
    };
  }

  private static String spelling(Random random) {
    double value = Double.longBitsToDouble(random.nextLong());
    try {
      return NumberToJSON.serializeNumber(Double.isFinite(value) ? value : random.nextDouble());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
