package io.inbox.command.doctor;

import io.inbox.command.database.Query;
import io.inbox.spi.Tables;
import java.sql.SQLException;
import java.util.List;

/** Whether the tables on H2 are as the migrations made them, where promises hang on it. */
final class H2Tables {
  private final Query query;
  private final Tables tables;
  private final Diagnosis diagnosis;

  H2Tables(Query query, Tables tables, Diagnosis diagnosis) {
    this.query = query;
    this.tables = tables;
    this.diagnosis = diagnosis;
  }

  void examine() throws SQLException {
    uniqueIndex();
    triggers();
  }

  // Locks: none. Reads the catalogue, as do all statements here.
  private void uniqueIndex() throws SQLException {
    List<String> unique =
        query.list(
            "SELECT INDEX_NAME FROM INFORMATION_SCHEMA.INDEXES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?"
                + " AND INDEX_TYPE_NAME IN ('PRIMARY KEY', 'UNIQUE INDEX')",
            row -> row.string(1),
            tables.schema(),
            tables.prefix() + "message");
    List<String> keys =
        query.list(
            "SELECT CONSTRAINT_NAME FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?"
                + " AND CONSTRAINT_TYPE = 'PRIMARY KEY'",
            row -> row.string(1),
            tables.schema(),
            tables.prefix() + "message");
    if (keys.isEmpty()) {
      diagnosis.fail(
          "unique index",
          "message has no primary key, so a redelivery may be handled again",
          "stop the consumers and make it again (runbook PRIMARY_KEY_MISSING)");
    } else if (unique.size() > 1) {
      diagnosis.fail(
          "unique index",
          "message has "
              + unique.size()
              + " unique indexes, and takes a violation of any for a duplicate: "
              + String.join(", ", unique),
          "drop all but the primary key");
    } else {
      diagnosis.ok("unique index", "message has one, its primary key");
    }
  }

  private void triggers() throws SQLException {
    List<String> triggers =
        query.list(
            "SELECT TRIGGER_NAME FROM INFORMATION_SCHEMA.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = ? ORDER BY 1",
            row -> row.string(1),
            tables.schema());
    if (triggers.isEmpty()) {
      diagnosis.ok("triggers", "none in the schema of Inbox");
    } else {
      diagnosis.warn(
          "triggers",
          "triggers run with every message: " + String.join(", ", triggers),
          "one that fails or changes a row breaks a delivery: be sure of them");
    }
  }
}
