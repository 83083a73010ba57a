package io.inbox.migrations;

import java.util.ArrayList;
import java.util.List;

/**
 * What is released, so that a test need not be changed for the next migration, and the migrations
 * that are planted after it, under numbers that are far off.
 */
final class Released {
  static final int LATEST = Catalog.RELEASED.latestVersion();
  static final int MIGRATIONS = Catalog.RELEASED.migrations().size();

  /** What a migration of an empty database returns. */
  static final MigrationResult ALL = new MigrationResult(0, LATEST, MIGRATIONS);

  static final MigrationResult NOTHING_TO_DO = new MigrationResult(LATEST, LATEST, 0);

  static final Migration NEXT = new Migration(901, "next");
  static final Migration OBSTRUCTED = new Migration(901, "obstructed");
  static final Migration AFTER = new Migration(902, "after");

  private Released() {}

  /** Everything up to a version: the catalogue of the library that had it as its newest. */
  static Catalog upTo(int version) {
    return new Catalog(
        Catalog.RELEASED.migrations().stream().filter(it -> it.version() <= version).toList());
  }

  static Catalog and(Migration... planted) {
    List<Migration> all = new ArrayList<>(Catalog.RELEASED.migrations());
    all.addAll(List.of(planted));
    return new Catalog(all);
  }
}
