package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.DeadLetter;
import io.inbox.Fingerprint;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.RetryPolicy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** One key, two contents. */
abstract class MismatchContract extends Contract {
  @Test
  void anotherContentUnderAHandledKeyIsSetAside() {
    Inbox inbox = open(it -> it.fingerprint(Fingerprint.ofPayload()));
    handle(inbox, message("a"));
    Outcome.Mismatch<?> mismatch =
        as(Outcome.Mismatch.class, mustNotRun(inbox, Message.of("a", bytes("other"))));
    assertThat(mismatch.acknowledge()).isTrue();
    DeadLetter letter = inbox.deadLetters().show(mismatch.deadLetterId()).orElseThrow();
    assertThat(letter.reason()).isEqualTo(Reason.MISMATCH);
    assertThat(letter.payload()).contains(bytes("other"));
    assertThat(mustNotRun(inbox, message("a"))).isInstanceOf(Outcome.Duplicate.class);
    assertThat(books.applied()).containsExactly("a");
  }

  @Test
  void withoutAFingerprintContentsAreNotCompared() {
    Inbox inbox = open();
    handle(inbox, message("a"));
    assertThat(mustNotRun(inbox, Message.of("a", bytes("other"))))
        .isInstanceOf(Outcome.Duplicate.class);
  }

  @Test
  void aKeyHandledWithoutAFingerprintNeverMismatches() {
    Inbox before = open();
    handle(before, message("a"));
    before.close();
    Inbox after = open(it -> it.fingerprint(Fingerprint.ofPayload()));
    assertThat(mustNotRun(after, Message.of("a", bytes("other"))))
        .isInstanceOf(Outcome.Duplicate.class);
  }

  @Test
  void whatCountsAsTheSameIsTheCanonicalForm() {
    Fingerprint folded =
        Fingerprint.canonical(
            payload -> {
              String text = new String(payload, StandardCharsets.UTF_8);
              if (text.startsWith("!")) {
                throw new IllegalArgumentException("no canonical form at index 0");
              }
              return bytes(text.toLowerCase(Locale.ROOT));
            });
    Inbox inbox = open(it -> it.fingerprint(folded));
    handle(inbox, Message.of("a", bytes("Text")));
    assertThat(mustNotRun(inbox, Message.of("a", bytes("tEXT"))))
        .isInstanceOf(Outcome.Duplicate.class);
    assertThat(mustNotRun(inbox, Message.of("a", bytes("!damaged"))))
        .isInstanceOf(Outcome.Mismatch.class);
  }

  /** The first committed copy decides, also where the first delivered one was given up. */
  @Test
  void anotherCopyOfAGivenUpKeyIsAMismatchToo() {
    Inbox inbox =
        open(
            it ->
                it.fingerprint(Fingerprint.ofPayload())
                    .retry(RetryPolicy.builder().maxAttempts(1).build()));
    inbox.process(
        message("a"),
        tx -> {
          throw new IllegalStateException();
        });
    assertThat(mustNotRun(inbox, Message.of("a", bytes("other"))))
        .isInstanceOf(Outcome.Mismatch.class);
    assertThat(mustNotRun(inbox, message("a"))).isInstanceOf(Outcome.DeadLettered.class);
  }

  @Test
  void ofTwoCopiesInOneBatchTheFirstIsHandled() {
    Inbox inbox = open(it -> it.fingerprint(Fingerprint.ofPayload()));
    List<Outcome<Void>> outcomes =
        inbox.processBatch(
            List.of(Message.of("a", bytes("one")), Message.of("a", bytes("two"))),
            (fresh, tx) -> {
              for (Message message : fresh) {
                books.note(tx.connection(), new String(message.payload(), StandardCharsets.UTF_8));
              }
            });
    assertThat(kinds(outcomes)).containsExactly("Processed", "Mismatch");
    assertThat(books.applied()).containsExactly("one");
  }
}
