package io.inbox.samples.orders;

import io.inbox.Message;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How what comes in reaches a {@link Handling}: through an inbox, or without. */
interface Intake extends AutoCloseable {

  /**
   * What the sender of a message is told.
   *
   * @param kept whether the sender may forget it
   * @param again when to send it again otherwise
   */
  record Answer(boolean kept, Duration again) {
    static final Answer KEPT = new Answer(true, Duration.ZERO);

    static Answer again(Duration after) {
      return new Answer(false, after);
    }
  }

  /** Handles a message whose sender waits for the answer, and sends it again if none comes. */
  Answer take(Message message, Handling handling);

  /** Begins to handle what comes from a topic. */
  void consume(String topic, Handling handling);

  /** Returns what ended the consuming, if something did. */
  @Nullable Throwable failure();

  @Override
  void close();
}
