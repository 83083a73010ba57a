package io.inbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.error.ConfigurationException;
import io.inbox.error.InboxException;
import io.inbox.error.InvalidMessageException;
import io.inbox.error.UsageException;
import io.inbox.internal.Refused;
import io.inbox.jdbc.JdbcTransactions;
import io.inbox.jdbc.JooqTransactions;
import io.inbox.spi.Tables;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every value that cannot be used is refused with its place, the rule and the remedy. */
class BadInputTest {
  private static final String TEN_MEGABYTES = "x".repeat(10_000_000);

  private static Refused message(String what, String code, String says, ThrowingCallable input) {
    return new Refused(what, InvalidMessageException.class, code, says, input);
  }

  private static Refused option(String what, String code, String says, ThrowingCallable input) {
    return new Refused(what, ConfigurationException.class, code, says, input);
  }

  private static Refused id(String what, String code, String says, String id) {
    return message("id " + what, code, says, () -> Message.of(id, null));
  }

  static Stream<Refused> ids() {
    return Stream.of(
        id("null", "IBX-101", "MessageIds", null),
        id("empty", "IBX-102", "message id is empty", ""),
        id("of spaces", "IBX-103", "blank", "  "),
        id("of tabs", "IBX-103", "blank", "\t\t"),
        id("of no-break spaces", "IBX-103", "blank", "\u00a0"),
        id("of zero-width spaces", "IBX-103", "blank", "\u200b\u200b"),
        id("with a space before", "IBX-104", "trim it where the id is read", " abc"),
        id("with a space after", "IBX-104", "trim it where the id is read", "abc "),
        id("with NUL", "IBX-105", "U+0000 at index 1", "a\0b"),
        id("with a line feed", "IBX-105", "U+000A at index 1", "a\nb"),
        id("with a carriage return", "IBX-105", "U+000D at index 0", "\rb"),
        id("with escape", "IBX-105", "U+001B at index 1", "a\u001bb"),
        id("with DEL", "IBX-105", "U+007F", "a\u007fb"),
        id("with a C1 control", "IBX-105", "U+0085", "a\u0085b"),
        id("with a lone high surrogate", "IBX-106", "index 0", "\ud800"),
        id("with a lone low surrogate", "IBX-106", "index 1", "a\udc00"),
        id("with surrogates swapped", "IBX-106", "index 0", "\udc00\ud800"),
        id("of 201 characters", "IBX-107", "length 201 > 200", "x".repeat(201)),
        id("of 201 emoji", "IBX-107", "> 200 (hash it", "\ud83d\udcb6".repeat(201)),
        id("of 200 emoji", "IBX-108", "800 bytes", "\ud83d\udcb6".repeat(200)),
        id("of ten megabytes", "IBX-107", "MessageIds.sha256", TEN_MEGABYTES));
  }

  static Stream<Refused> messages() {
    Map<String, String> many = new HashMap<>();
    for (int i = 0; i < 10_000; i++) {
      many.put("h" + i, "v");
    }
    Map<String, String> nullValue = new HashMap<>();
    nullValue.put("h", null);
    Message.Builder any = Message.builder("a");
    return Stream.of(
        message("tenant null", "IBX-110", "leave it out", () -> any.tenant(null)),
        message(
            "tenant too long",
            "IBX-107",
            "tenant has length 101",
            () -> any.tenant("x".repeat(101))),
        message("source null", "IBX-137", "leave it out", () -> any.source(null)),
        message("source blank", "IBX-103", "source is blank", () -> any.source(" ")),
        message("subject with a control", "IBX-105", "subject", () -> any.subject("a\nb")),
        message(
            "correlation id empty",
            "IBX-102",
            "correlation id is empty",
            () -> any.correlationId("")),
        message(
            "delivery count negative",
            "IBX-139",
            "0 (not counted) or more",
            () -> any.deliveryCount(-1)),
        message("time before year 1", "IBX-136", "years 1 to 9999", () -> any.time(Instant.MIN)),
        message(
            "time after 9999",
            "IBX-136",
            "check its unit",
            () -> any.time(Instant.ofEpochSecond(1_700_000_000_000L))),
        message("header without a name", "IBX-135", "no name", () -> any.header(null, "v")),
        message(
            "header without a value",
            "IBX-135",
            "leave the header out",
            () -> any.headers(nullValue)),
        message(
            "too many headers",
            "IBX-135",
            "10000 headers > 200",
            () -> Message.builder("a").headers(many).build()),
        message(
            "too large headers",
            "IBX-135",
            "characters > 65536",
            () -> Message.builder("a").header("h", "x".repeat(70_000)).build()),
        message(
            "header id missing",
            "IBX-101",
            "the header 'id' is missing",
            () -> MessageIds.fromHeader(Map.of(), "id")),
        message("sequence negative", "IBX-101", "negative", () -> MessageIds.fromSequence("p", -1)),
        message(
            "offset negative", "IBX-101", "negative", () -> MessageIds.fromPosition("t", 0, -1)),
        message(
            "partition negative",
            "IBX-101",
            "negative",
            () -> MessageIds.fromPosition("t", -1, 0)));
  }

  static Stream<Refused> options() {
    return Stream.of(
        option(
            "no attempt",
            "IBX-207",
            "1 to 10,000",
            () -> RetryPolicy.builder().maxAttempts(0).build()),
        option(
            "negative attempts",
            "IBX-207",
            "1 to 10,000",
            () -> RetryPolicy.builder().maxAttempts(-3).build()),
        option(
            "deliveries below attempts",
            "IBX-207",
            "more than maxAttempts",
            () -> RetryPolicy.builder().maxAttempts(10).maxDeliveries(10).build()),
        option(
            "backoff zero",
            "IBX-206",
            "zero would spin",
            () -> RetryPolicy.builder().initialBackoff(Duration.ZERO).build()),
        option(
            "backoff null",
            "IBX-206",
            "above zero",
            () -> RetryPolicy.builder().initialBackoff(null).build()),
        option(
            "longest backoff below first",
            "IBX-206",
            "between initialBackoff",
            () -> RetryPolicy.builder().maxBackoff(Duration.ofMillis(1)).build()),
        option(
            "longest backoff endless",
            "IBX-206",
            "365 days",
            () -> RetryPolicy.builder().maxBackoff(Duration.ofSeconds(Long.MAX_VALUE)).build()),
        option(
            "factor NaN",
            "IBX-208",
            "at least 1",
            () -> RetryPolicy.builder().multiplier(Double.NaN).build()),
        option(
            "factor infinite",
            "IBX-208",
            "at least 1",
            () -> RetryPolicy.builder().multiplier(Double.POSITIVE_INFINITY).build()),
        option(
            "factor below one",
            "IBX-208",
            "at least 1",
            () -> RetryPolicy.builder().multiplier(0.5).build()),
        option(
            "jitter NaN",
            "IBX-208",
            "0 to 1",
            () -> RetryPolicy.builder().jitter(Double.NaN).build()),
        option(
            "jitter above one",
            "IBX-208",
            "0 to 1",
            () -> RetryPolicy.builder().jitter(1.1).build()),
        option(
            "schema injected",
            "IBX-301",
            "[a-z_][a-z0-9_]*",
            () -> Tables.in("public\"; drop table x; --", "")),
        option("schema in upper case", "IBX-301", "[a-z_]", () -> Tables.in("Inbox", "")),
        option("schema of 64 bytes", "IBX-301", "at most 63", () -> Tables.in("x".repeat(64), "")),
        option("schema null", "IBX-301", "null", () -> Tables.in(null, "")),
        option("schema empty", "IBX-301", "it has 0", () -> Tables.in("", "")),
        option("schema of the database", "IBX-302", "try 'inbox'", () -> Tables.in("pg_inbox", "")),
        option("schema reserved", "IBX-302", "try 'inbox'", () -> Tables.in("user", "")),
        option("prefix reserved", "IBX-302", "reserved", () -> Tables.in("inbox", "pg_")),
        option(
            "prefix too long", "IBX-301", "table prefix", () -> Tables.in("inbox", "x".repeat(60))),
        option("DataSource null", "IBX-303", "hand in the pool", () -> JdbcTransactions.on(null)),
        option(
            "DSLContext null", "IBX-303", "hand in the context", () -> JooqTransactions.on(null)),
        new Refused(
            "a page of none",
            UsageException.class,
            "IBX-702",
            "page by page",
            () -> DeadLetterQuery.first(0)),
        new Refused(
            "ten million letters",
            UsageException.class,
            "IBX-702",
            "1 to 1,000",
            () -> DeadLetterQuery.first(10_000_000)));
  }

  @ParameterizedTest
  @MethodSource({"ids", "messages", "options"})
  void isRefused(Refused refused) {
    refused.check();
  }

  @Test
  void aRefusedValueIsNeverEchoed() {
    for (String secret : List.of("secret\n", "secret" + TEN_MEGABYTES, " secret")) {
      assertThatThrownBy(() -> Message.of(secret, null))
          .isInstanceOf(InboxException.class)
          .satisfies(
              it -> assertThat(it.getMessage()).doesNotContain("secret").hasSizeLessThan(300));
    }
  }

  @Test
  void whatLooksOddIsDataAndAccepted() {
    for (String id :
        List.of(
            "'; drop table inbox;--",
            "<script>",
            "e\u0301",
            "\u00e9",
            "x".repeat(200),
            "\ud83d\udcb6".repeat(150),
            "a b",
            "\ufffd",
            "?")) {
      assertThat(Message.of(id, null).id()).isEqualTo(id);
    }
    Message early = Message.builder("a").time(Instant.EPOCH).build();
    assertThat(early.time()).contains(Instant.EPOCH);
    assertThat(Message.builder("a").time(Instant.parse("9999-12-31T23:59:59Z")).build().time())
        .isPresent();
  }
}
