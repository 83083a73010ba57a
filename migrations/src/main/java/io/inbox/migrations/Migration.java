package io.inbox.migrations;

/** One migration that this library carries for every database, by version and file name. */
record Migration(int version, String description) {
  String fileName() {
    return "V%03d__%s.sql".formatted(version, description);
  }
}
