package io.inbox.command.checks;

import org.jspecify.annotations.Nullable;

/**
 * A database that effects are in, beside that of the inbox.
 *
 * @param name what checks call it
 * @param url its JDBC URL, without a password
 * @param user as whom to connect; null for the driver's default
 * @param password its password; null for none
 */
public record OtherDatabase(
    String name, String url, @Nullable String user, @Nullable String password) {
  /** Does not show the password. */
  @Override
  public String toString() {
    return name + " at " + url;
  }
}
