package io.inbox.samples.quickstart;

import java.time.Duration;

/** How a consumer handles a delivery. */
interface Booking extends AutoCloseable {
  /**
   * What came of it.
   *
   * @param answer the answer
   * @param retryAfter for {@link Answer#AGAIN}, how long to wait
   * @param reason for {@link Answer#AGAIN}, why
   */
  record Result(Answer answer, Duration retryAfter, String reason) {
    static Result of(Answer answer) {
      return new Result(answer, Duration.ZERO, "");
    }
  }

  Result handle(Consumer.Task task) throws Exception;

  @Override
  void close();
}
