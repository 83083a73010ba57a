package io.inbox.kafka;

import io.inbox.outbox.PublishResult;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.UnsupportedForMessageFormatException;

/** What an error of the producer says about the message. */
final class Failure {
  private Failure() {}

  static PublishResult of(Exception error) {
    if (error instanceof RecordTooLargeException
        || error instanceof RecordBatchTooLargeException
        || error instanceof InvalidTopicException
        || error instanceof InvalidRecordException
        || error instanceof InvalidTimestampException
        || error instanceof SerializationException
        || error instanceof UnsupportedForMessageFormatException
        || error instanceof UnusableTopic) {
      return PublishResult.rejected(text(error));
    }
    if (error instanceof RetriableException
        || error instanceof AuthenticationException
        || error instanceof AuthorizationException) {
      return PublishResult.unavailable(text(error));
    }
    return PublishResult.failed(text(error));
  }

  /**
   * Returns whether the error only says that the producer was closed, or that another record of the
   * same request is at fault: Kafka has no class for these.
   */
  static boolean says(Exception error) {
    return !error.getClass().equals(KafkaException.class)
        && !(error instanceof IllegalStateException);
  }

  /** Returns whether the topic, or the whole cluster, could not be found in time. */
  static boolean topicUnknown(Exception error) {
    return error instanceof org.apache.kafka.common.errors.TimeoutException;
  }

  static String text(Exception error) {
    return error.getClass().getSimpleName() + ": " + error.getMessage();
  }

  /** The topic mapping gave nothing to send to. */
  static final class UnusableTopic extends Exception {
    private static final long serialVersionUID = 1L;

    UnusableTopic(String message, @org.jspecify.annotations.Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
