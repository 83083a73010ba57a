package io.inbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.error.ConfigurationException;
import io.inbox.internal.TimeOrderedId;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BucketKindsTest {
  /** The examples of RFC 9562, appendix A.6, and of the specification of ULIDs. */
  @ParameterizedTest
  @CsvSource({
    "017F22E2-79B0-7CC3-98C4-DC0C0C07398F, 2022-02-22T19:22:22Z",
    "017f22e2-79b0-7cc3-98c4-dc0c0c07398f, 2022-02-22T19:22:22Z",
    "00000000-0000-7000-8000-000000000000, 1970-01-01T00:00:00Z"
  })
  void aUuidOfVersion7CarriesItsMilliseconds(String id, Instant time) {
    assertThat(Buckets.byUuidV7().timeOf(Message.of(id, null))).contains(time);
  }

  @ParameterizedTest
  @CsvSource({
    "01ARZ3NDEKTSV4RRFFQ69G5FAV, 2016-07-30T23:54:10.259Z",
    "01arz3ndektsv4rrffq69g5fav, 2016-07-30T23:54:10.259Z",
    "7ZZZZZZZZZZZZZZZZZZZZZZZZZ, +10889-08-02T05:31:50.655Z"
  })
  void aUlidCarriesItsMilliseconds(String id, Instant time) {
    assertThat(Buckets.byUlid().timeOf(Message.of(id, null))).contains(time);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "017F22E2-79B0-4CC3-98C4-DC0C0C07398F", // version 4
        "017F22E2-79B0-7CC3-18C4-DC0C0C07398F", // another variant
        "017F22E279B07CC398C4DC0C0C07398F", // without dashes
        "{017F22E2-79B0-7CC3-98C4-DC0C0C07398F}",
        "017F22E2-79B0-7CC3-98C4-DC0C0C07398",
        "order-1"
      })
  void noOtherIdIsTakenForAUuidOfVersion7(String id) {
    assertThat(Buckets.byUuidV7().timeOf(Message.of(id, null))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "81ARZ3NDEKTSV4RRFFQ69G5FAV", // more than 128 bits
        "01ARZ3NDEKTSV4RRFFQ69G5FAI", // a letter that the alphabet leaves out
        "01ARZ3NDEKTSV4RRFFQ69G5FA"
      })
  void noOtherIdIsTakenForAUlid(String id) {
    assertThat(Buckets.byUlid().timeOf(Message.of(id, null))).isEmpty();
  }

  @Test
  void whatTheLibraryMakesIsRead() {
    Instant before = Instant.now().minusMillis(1);
    Instant time =
        Buckets.byUuidV7().timeOf(message(TimeOrderedId.next().toString())).orElseThrow();
    assertThat(time).isBetween(before, Instant.now().plus(Duration.ofSeconds(1)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Snowflake", "uuid-v7", "ulid", "message-time", "a b", "-a"})
  void aKindNeedsAPlainNameOfItsOwn(String kind) {
    assertThatThrownBy(() -> Buckets.by(kind, message -> null))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("IBX-212");
  }

  private static Message message(String id) {
    return Message.of(id, null);
  }
}
