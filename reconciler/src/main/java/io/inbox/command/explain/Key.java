package io.inbox.command.explain;

import io.inbox.MessageKey;
import io.inbox.error.InvalidMessageException;
import java.util.Optional;

/**
 * A key as it stands in a row, which somebody else may have written.
 *
 * @param tenant empty for none
 * @param consumer which handler
 * @param source empty for none
 * @param messageId the producer's id
 */
record Key(String tenant, String consumer, String source, String messageId) {
  /** Picks the row of a key where the table has its four columns. */
  static final String IS =
      "\"tenant\" = ? AND \"consumer\" = ? AND \"source\" = ? AND \"message_id\" = ?";

  Object[] parts() {
    return new Object[] {tenant, consumer, source, messageId};
  }

  /** Returns the library's key, if it is one that the library could have written. */
  Optional<MessageKey> valid() {
    try {
      return Optional.of(new MessageKey(tenant, consumer, source, messageId));
    } catch (InvalidMessageException e) {
      return Optional.empty();
    }
  }

  /** Returns the parts that are not empty, joined by slashes. */
  @Override
  public String toString() {
    return (tenant.isEmpty() ? "" : tenant + "/")
        + consumer
        + "/"
        + (source.isEmpty() ? "" : source + "/")
        + messageId;
  }
}
