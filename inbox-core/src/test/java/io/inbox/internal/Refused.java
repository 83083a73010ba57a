package io.inbox.internal;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.error.InboxException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** One bad input: which exception, which stable code, and what the message must say. */
public record Refused(
    String what,
    Class<? extends InboxException> type,
    String code,
    String says,
    ThrowingCallable input) {
  public void check() {
    assertThatThrownBy(input)
        .as(what)
        .isInstanceOf(type)
        .hasMessageStartingWith(code + ": ")
        .hasMessageContaining(says);
  }

  @Override
  public String toString() {
    return what;
  }
}
