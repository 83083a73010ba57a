package io.inbox.migrations;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The migrations of this library, listed rather than found by scanning the class path: the list is
 * the same in a jar, a nested jar, a module and a native image, and an application's own files in a
 * folder of the same name cannot join it.
 */
final class Catalog {
  static final Catalog RELEASED =
      new Catalog(
          List.of(
              new Migration(1, "inbox"),
              new Migration(2, "outbox"),
              new Migration(3, "jobs"),
              new Migration(4, "watermark")));

  private final List<Migration> migrations;

  Catalog(List<Migration> migrations) {
    this.migrations = List.copyOf(migrations);
  }

  List<Migration> migrations() {
    return migrations;
  }

  int latestVersion() {
    return migrations.get(migrations.size() - 1).version();
  }

  String script(Database database, Migration migration) {
    return resource(database.folder() + "/" + migration.fileName());
  }

  static String resource(String path) {
    try (InputStream in = Catalog.class.getClassLoader().getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException(
            "Resource "
                + path
                + " is missing from inbox-migrations: the jar was repackaged incompletely");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read resource " + path, e);
    }
  }
}
