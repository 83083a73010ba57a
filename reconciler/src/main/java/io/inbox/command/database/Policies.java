package io.inbox.command.database;

import io.inbox.command.CommandException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Row-level security, where it hides rows instead of refusing: nothing found means nothing then.
 */
public final class Policies {
  private Policies() {}

  /** Returns whether this login sees the rows of one tenant at a time, which it must name. */
  // Locks: none. Reads the catalogue.
  public static boolean hideRows(Query query, Target target) throws SQLException {
    String table = target.tables().quoted("message");
    // As the application: readers, collectors and others have policies that show them all rows.
    return target.postgres()
        && query
            .ifVisible(
                () ->
                    query.text(
                        "SELECT (row_security_active(to_regclass(?)) AND has_table_privilege(to_regclass(?), 'INSERT'))::text",
                        table,
                        table))
            .orElse("")
            .equals("true");
  }

  /** Refuses to look without a tenant where that would show nothing. */
  public static void requireTenant(Query query, Target target, @Nullable String tenant)
      throws SQLException {
    if ((tenant == null || tenant.isEmpty()) && hideRows(query, target)) {
      throw CommandException.usage(
          "policies keep tenants apart, and this login sees the rows of one at a time: name it by --tenant (or connect as inbox_reader, who sees all)");
    }
  }
}
