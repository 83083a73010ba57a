package io.inbox.migrations;

import java.util.Locale;

/** A group role of PostgreSQL with the least privileges that one part of Inbox needs. */
public enum Role {
  /** Owns the tables; the login that migrates is a member. By default {@code inbox_owner}. */
  OWNER("inbox_owner"),
  /** Handles messages and appends to the outbox. By default {@code inbox_app}. */
  APPLICATION("inbox_app"),
  /** Publishes what is in the outbox, for every tenant. By default {@code inbox_relay}. */
  RELAY("inbox_relay"),
  /** Deletes what the dedupe window has passed. By default {@code inbox_collector}. */
  COLLECTOR("inbox_collector"),
  /** Compares, and records what it finds. By default {@code inbox_reconciler}. */
  RECONCILER("inbox_reconciler"),
  /**
   * Places holds, sets retention, resolves findings: for people. By default {@code inbox_operator}.
   */
  OPERATOR("inbox_operator"),
  /** Looks, but not at payloads, headers and results. By default {@code inbox_reader}. */
  READER("inbox_reader");

  private final String defaultName;

  Role(String defaultName) {
    this.defaultName = defaultName;
  }

  String defaultName() {
    return defaultName;
  }

  String placeholder() {
    return name().toLowerCase(Locale.ROOT) + "_role";
  }
}
