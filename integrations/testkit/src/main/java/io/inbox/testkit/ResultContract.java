package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.DuplicatePolicy;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.TypedInbox;
import io.inbox.error.IntegrityException;
import io.inbox.spi.Codec;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Results that a handler returns, and duplicates that get them. */
abstract class ResultContract extends Contract {
  private TypedInbox<String, String> returning(DuplicatePolicy policy) {
    return open(it -> it.onDuplicate(policy)).typed(Codec.utf8()).returning(Codec.utf8());
  }

  @Test
  void aDuplicateGetsTheFirstResult() {
    TypedInbox<String, String> inbox = returning(DuplicatePolicy.RETURN_FIRST_RESULT);
    Message message = Message.of("a", bytes("payload"));
    Outcome.Processed<?> first =
        as(Outcome.Processed.class, inbox.process(message, (payload, tx) -> "first: " + payload));
    assertThat(first.result()).isEqualTo("first: payload");
    Outcome.Duplicate<?> again =
        as(Outcome.Duplicate.class, inbox.process(message, (payload, tx) -> "second"));
    assertThat(again.result()).isEqualTo("first: payload");
    assertThat(rows("result")).isEqualTo(1);
  }

  @Test
  void underTheOtherPolicyADuplicateGetsNone() {
    TypedInbox<String, String> inbox = returning(DuplicatePolicy.SKIP);
    inbox.process(message("a"), (payload, tx) -> "first");
    assertThat(
            as(Outcome.Duplicate.class, inbox.process(message("a"), (payload, tx) -> "second"))
                .result())
        .isNull();
  }

  @Test
  void noResultIsStoredAsNone() {
    TypedInbox<String, String> inbox = returning(DuplicatePolicy.RETURN_FIRST_RESULT);
    inbox.process(message("a"), (payload, tx) -> null);
    assertThat(rows("result")).isZero();
    assertThat(
            as(Outcome.Duplicate.class, inbox.process(message("a"), (payload, tx) -> "second"))
                .result())
        .isNull();
    inbox.process(message("empty"), (payload, tx) -> "");
    assertThat(
            as(Outcome.Duplicate.class, inbox.process(message("empty"), (payload, tx) -> "x"))
                .result())
        .isEqualTo("");
  }

  @Test
  void aResultIsRolledBackWithItsHandling() {
    TypedInbox<String, String> inbox = returning(DuplicatePolicy.RETURN_FIRST_RESULT);
    Codec<String> failing =
        new Codec<>() {
          @Override
          public String decode(byte[] bytes) {
            return "";
          }

          @Override
          public byte[] encode(String value) {
            throw new IllegalStateException("cannot be written");
          }
        };
    Inbox other = open(consumer + "-other", pool, it -> it);
    assertThat(
            other
                .typed(Codec.utf8())
                .returning(failing)
                .process(
                    message("a"),
                    (payload, tx) -> {
                      books.apply(tx.connection(), "a", 1);
                      return "x";
                    }))
        .isInstanceOf(Outcome.Failed.class);
    assertThat(books.applied()).isEmpty();
    inbox.process(
        message("a"),
        (payload, tx) -> {
          throw new IllegalStateException();
        });
    assertThat(rows("result")).isZero();
  }

  @Test
  void aResultThatWasChangedIsRefused() {
    TypedInbox<String, String> inbox = returning(DuplicatePolicy.RETURN_FIRST_RESULT);
    inbox.process(message("a"), (payload, tx) -> "first");
    inbox.process(message("b"), (payload, tx) -> "second");
    String change =
        "UPDATE "
            + table("result")
            + " SET \"result\" = ? WHERE \"consumer\" = ? AND \"message_id\" = ?";
    books.run(change, bytes("forged"), consumer, "a");
    assertThatThrownBy(() -> inbox.process(message("a"), (payload, tx) -> "x"))
        .isInstanceOf(IntegrityException.class)
        .hasMessageContaining("IBX-140")
        .hasMessageContaining("does not match its signature");
    books.run(
        "UPDATE "
            + table("result")
            + " SET \"signature\" = (SELECT \"signature\" FROM "
            + table("result")
            + " WHERE \"consumer\" = ? AND \"message_id\" = 'b'), \"result\" = ? WHERE \"consumer\" = ? AND \"message_id\" = 'a'",
        consumer,
        bytes("second"),
        consumer);
    assertThatThrownBy(() -> inbox.process(message("a"), (payload, tx) -> "x"))
        .as("a whole row copied from another key")
        .isInstanceOf(IntegrityException.class);
  }

  @Test
  void aPayloadThatCannotBeDecodedIsAFailedAttempt() {
    Inbox inbox = open();
    Outcome<Void> outcome =
        inbox
            .typed(Codec.utf8())
            .process(Message.of("a", new byte[] {(byte) 0xc3}), (payload, tx) -> null);
    assertThat(as(Outcome.Failed.class, outcome).cause())
        .isInstanceOf(CharacterCodingException.class);
    assertThat(as(Outcome.Failed.class, outcome).attempt()).isEqualTo(1);
  }

  /** A class name in a stored row makes it unreadable after a rename. */
  @Test
  void rowsHoldWhatTheCodecWroteAndNothingElse() throws Exception {
    returning(DuplicatePolicy.SKIP).process(message("a"), (payload, tx) -> "wörd");
    try (var connection = pool.getConnection();
        var statement =
            connection.prepareStatement(
                "SELECT \"result\" FROM " + table("result") + " WHERE \"consumer\" = ?")) {
      statement.setString(1, consumer);
      try (var row = statement.executeQuery()) {
        assertThat(row.next()).isTrue();
        assertThat(row.getBytes(1)).isEqualTo(bytes("wörd"));
      }
    }
  }

  /**
   * An option that is accepted and ignored, or a cache read by another type than it was written.
   */
  @Test
  void resultsOfOneKeyDoNotReachAnother() {
    TypedInbox<String, String> inbox = returning(DuplicatePolicy.RETURN_FIRST_RESULT);
    for (String id : List.of("a", "b")) {
      inbox.process(message(id), (payload, tx) -> "result of " + id);
    }
    for (String id : List.of("b", "a")) {
      assertThat(
              as(Outcome.Duplicate.class, inbox.process(message(id), (payload, tx) -> "x"))
                  .result())
          .isEqualTo("result of " + id);
    }
  }
}
