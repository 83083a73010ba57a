package io.inbox.migrations;

/**
 * What one call of {@link InboxMigrations#migrate()} found and did.
 *
 * @param fromVersion the version of the schema before the call; 0 if there was none
 * @param toVersion the version of the schema after the call; higher than {@link
 *     InboxMigrations#latestVersion()} if a newer library, which declares itself compatible with
 *     this one, has been there already
 * @param applied how many migrations this call ran; 0 if there was nothing to do or another node
 *     did it meanwhile
 */
public record MigrationResult(int fromVersion, int toVersion, int applied) {}
