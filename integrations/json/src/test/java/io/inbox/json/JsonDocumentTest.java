package io.inbox.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.error.InvalidMessageException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonDocumentTest {

  /** RFC 6901, section 5. */
  private static final JsonDocument RFC =
      parse(
          """
          {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4,
           "i\\\\j": 5, "k\\"l": 6, " ": 7, "m~n": 8}
          """);

  @ParameterizedTest
  @CsvSource(
      delimiter = '>',
      ignoreLeadingAndTrailingWhitespace = false,
      quoteCharacter = '`',
      value = {
        "/foo/0>bar",
        "/foo/1>baz",
        "/>0",
        "/a~1b>1",
        "/c%d>2",
        "/e^f>3",
        "/g|h>4",
        "/i\\j>5",
        "/k\"l>6",
        "/ >7",
        "/m~0n>8",
      })
  void findsWhatTheRfcFinds(String pointer, String text) {
    assertThat(RFC.text(pointer)).contains(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/foo/2",
        "/foo/-",
        "/foo/01",
        "/foo/-1",
        "/foo/9999999999",
        "/foo/0/x",
        "/nope",
        "//x"
      })
  void isEmptyWhereNothingIs(String pointer) {
    assertThat(RFC.text(pointer)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"foo", "/a~b", "/a~", "/a~2"})
  void refusesWhatIsNoPointer(String pointer) {
    assertThatThrownBy(() -> RFC.text(pointer))
        .isInstanceOf(InvalidMessageException.class)
        .hasMessageStartingWith("IBX-133: '" + pointer + "' is no JSON pointer");
  }

  @Test
  void takesNullForAbsent() {
    assertThat(parse("{\"a\":null}").text("/a")).isEmpty();
    assertThat(parse("{\"a\":null}").number("/a")).isEmpty();
    assertThat(parse("null").text("")).isEmpty();
  }

  @Test
  void spellsNumbersAndBooleansInOneWay() {
    assertThat(parse("{\"id\":1.20e2}").text("/id")).contains("120");
    assertThat(parse("{\"id\":9007199254740993}").text("/id")).contains("9007199254740993");
    assertThat(parse("1e39").text("")).contains("1" + "0".repeat(39));
    assertThat(parse("1e40").text("")).contains("1e+40");
    assertThat(parse("1e400").text("")).contains("1e400");
    assertThat(parse("true").text("")).contains("true");
  }

  @Test
  void keepsNumbersExact() {
    assertThat(parse("{\"amount\":12345678901234567.89}").number("/amount"))
        .contains(new BigDecimal("12345678901234567.89"));
  }

  @Test
  void saysWhatItFoundInstead() {
    assertThatThrownBy(() -> RFC.text("/foo"))
        .hasMessage(
            "IBX-133: what '/foo' leads to is an array, needed a string, number or boolean (point further down)");
    assertThatThrownBy(() -> RFC.number("/foo/0"))
        .hasMessage("IBX-133: what '/foo/0' leads to is a string, needed a number");
  }

  private static JsonDocument parse(String text) {
    return JsonDocument.parse(text.getBytes(StandardCharsets.UTF_8));
  }
}
