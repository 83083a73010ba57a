package io.inbox.command.letters;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which letters: those that fulfil every condition that is not null.
 *
 * @param owner consumer, or topic in the outbox
 * @param tenant whose messages
 * @param because why they were given up
 * @param state what became of them
 * @param after only those with a greater id
 */
public record Selection(
    @Nullable String owner,
    @Nullable String tenant,
    @Nullable String because,
    @Nullable String state,
    long after) {

  /** Returns the conditions as SQL, beginning with the one on the id, and their parameters. */
  Where where(String ownerColumn) {
    StringBuilder sql = new StringBuilder(" WHERE \"id\" > ?");
    List<Object> parameters = new ArrayList<>();
    parameters.add(after);
    add(sql, parameters, ownerColumn, owner);
    add(sql, parameters, "tenant", tenant);
    add(sql, parameters, "reason", because);
    add(sql, parameters, "state", state);
    return new Where(sql.toString(), parameters);
  }

  private static void add(
      StringBuilder sql, List<Object> parameters, String column, @Nullable String value) {
    if (value != null) {
      sql.append(" AND \"").append(column).append("\" = ?");
      parameters.add(value);
    }
  }

  /** A condition in SQL. */
  record Where(String sql, List<Object> parameters) {}
}
