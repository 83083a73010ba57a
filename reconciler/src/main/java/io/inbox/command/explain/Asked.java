package io.inbox.command.explain;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to explain: a message id, a subject or a correlation id, in all keys or in some.
 *
 * @param what which of the three
 * @param text the id itself
 * @param scope tenant, consumer and source; null for any
 * @param time the message time that the next delivery would have; null for none
 * @param limit how many keys at most
 */
public record Asked(What what, String text, Scope scope, @Nullable Instant time, int limit) {
  /** What a text may be. */
  public enum What {
    /** The producer's id of a message. */
    MESSAGE_ID("message_id"),

    /** The business key that messages are about. */
    SUBJECT("subject"),

    /** What ties messages together. */
    CORRELATION_ID("correlation_id");

    private final String column;

    What(String column) {
      this.column = column;
    }

    String column() {
      return column;
    }
  }

  /** In which keys; null for any. */
  public record Scope(@Nullable String tenant, @Nullable String consumer, @Nullable String source) {
    /** Adds the conditions to SQL that has a WHERE already, and their parameters. */
    String and(List<Object> parameters) {
      StringBuilder sql = new StringBuilder();
      add(sql, parameters, "tenant", tenant);
      add(sql, parameters, "consumer", consumer);
      add(sql, parameters, "source", source);
      return sql.toString();
    }

    private static void add(
        StringBuilder sql, List<Object> parameters, String column, @Nullable String value) {
      if (value != null) {
        sql.append(" AND k.\"").append(column).append("\" = ?");
        parameters.add(value);
      }
    }
  }

  List<Object> parameters() {
    List<Object> parameters = new ArrayList<>();
    parameters.add(text);
    return parameters;
  }
}
