package io.inbox.reconciler.internal.builtin;

import io.inbox.reconciler.spi.Sighting;
import io.inbox.spi.Tables;
import java.sql.SQLException;
import java.util.List;

/** What the catalogue of a database says about the tables of Inbox. */
interface Catalogue {
  /** The tables by their names without prefix: others may live in the same schema. */
  List<String> TABLES =
      List.of(
          "schema_version",
          "consumer",
          "message",
          "result",
          "attempt",
          "dead_letter",
          "outbox",
          "outbox_delayed",
          "outbox_blocked",
          "outbox_parked",
          "outbox_dead_letter",
          "outbox_kept",
          "outbox_slot",
          "outbox_relay",
          "job",
          "retention",
          "hold",
          "finding",
          "repair",
          "watermark");

  /** Returns the tables with their prefix. */
  static String[] tables(Tables tables) {
    return TABLES.stream().map(name -> tables.prefix() + name).toArray(String[]::new);
  }

  /** Looks, and tells of what is wrong. */
  void look() throws SQLException;

  static Sighting secondUnique(String index) {
    return Sighting.error("SECOND_UNIQUE_INDEX", index)
        .cause("message has a second unique index")
        .detail(
            "the claim takes a violation of "
                + index
                + " for a duplicate, so a message would be acknowledged and never handled (drop"
                + " it)")
        .build();
  }

  static Sighting noPrimaryKey(String table) {
    return Sighting.error("PRIMARY_KEY_MISSING", table)
        .cause("a table has lost its primary key")
        .detail(
            table
                + " has no valid primary key, so nothing keeps its rows apart (look for duplicates,"
                + " then make it as the migration does)")
        .build();
  }

  static Sighting cached(String sequence, long cache) {
    return Sighting.error("SEQUENCE_CACHED", sequence)
        .cause("a sequence is cached")
        .detail(
            sequence
                + " hands out "
                + cache
                + " numbers at a time, so messages of a key may be sent out of order (ALTER"
                + " SEQUENCE ... CACHE 1)")
        .build();
  }

  static Sighting nearItsEnd(String sequence, long percent) {
    return Sighting.error("SEQUENCE_NEAR_END", sequence)
        .cause("a sequence is nearly used up")
        .detail(
            sequence
                + " has handed out "
                + percent
                + " % of its numbers, inserts will fail (raise MAXVALUE, or RESTART it while the"
                + " table is empty)")
        .build();
  }
}
