package io.inbox.planted;

import io.inbox.migrations.InboxMigrations;

/** Depends on what only the executable jar has. */
final class KnowsTheMigrations {

  int version() {
    return InboxMigrations.latestVersion();
  }
}
