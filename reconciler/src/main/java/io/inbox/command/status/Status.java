package io.inbox.command.status;

import io.inbox.command.database.Policies;
import io.inbox.command.database.Query;
import io.inbox.command.database.Schema;
import io.inbox.command.database.Target;
import io.inbox.command.output.Block;
import io.inbox.command.output.Metrics;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The state of inbox, outbox and jobs, read in one transaction. */
public final class Status {
  private final Target target;
  private final Schema schema;
  private final String server;
  private final Instant now;
  private final boolean rowsHidden;
  private final List<Area> areas;
  private final Attention attention = new Attention();

  private Status(
      Target target,
      Schema schema,
      String server,
      Instant now,
      boolean rowsHidden,
      List<Area> areas) {
    this.target = target;
    this.rowsHidden = rowsHidden;
    this.schema = schema;
    this.server = server;
    this.now = now;
    this.areas = areas;
    areas.forEach(area -> area.attend(attention));
  }

  /**
   * Reads the state; what this login may not see is left out.
   *
   * @param exact whether to count keys, however long it takes
   * @param maxLag how long a message of the outbox may wait before a person should look
   */
  public static Status read(Query query, Target target, boolean exact, Duration maxLag)
      throws SQLException {
    Schema schema = Schema.require(query, target.tables());
    RowCounts counts =
        target.postgres()
            ? new PlannerStatistics(query, target.tables(), exact)
            : new StoredCounts(query, target.tables(), exact);
    Instant now = query.now();
    View view = new View(query, target.tables(), counts, now, maxLag);
    List<Area> areas = new ArrayList<>();
    areas.add(area(view, "Consumers", List.of("consumers"), ConsumersArea::read));
    areas.add(area(view, "Dead letters", List.of("deadLetters"), LettersArea::read));
    areas.add(area(view, "Outbox", List.of("outbox"), OutboxArea::read));
    areas.add(
        area(
            view,
            "Dead letters of the outbox",
            List.of("outboxDeadLetters"),
            OutboxLettersArea::read));
    areas.add(area(view, "Slots and relays", List.of("slots", "relays"), RelaysArea::read));
    areas.add(area(view, "Watermarks", List.of("watermarks"), WatermarksArea::read));
    areas.add(area(view, "Jobs", List.of("jobs"), JobsArea::read));
    areas.add(area(view, "Findings", List.of("findings"), FindingsArea::read));
    areas.add(area(view, "Tables", List.of("tables"), StorageArea::read));
    String server = server(query, target);
    return new Status(target, schema, server, now, Policies.hideRows(query, target), areas);
  }

  private static Area area(View view, String title, List<String> names, Reading reading)
      throws SQLException {
    Query.Answer<Area> area = view.query().attempt(() -> reading.read(view));
    return area.value().orElseGet(() -> new Unseen(title, names, area.slow()));
  }

  private static String server(Query query, Target target) throws SQLException {
    return target.postgres()
        ? "PostgreSQL " + query.text("SELECT current_setting('server_version')")
        : "H2 " + query.text("SELECT H2VERSION()");
  }

  /** Returns what a person should look at. */
  public Attention attention() {
    return attention;
  }

  /** Returns the report. */
  public Block block() {
    Block block =
        new Block()
            .hidden("command", "status")
            .fact("database", "database", target.shownUrl())
            .fact("server", "server", server)
            .fact("schema", "tables", target.tables().toString())
            .fact("schemaVersion", "schema version", schema.version())
            .hidden("schemaCompatibleFrom", schema.compatibleFrom())
            .fact("at", "at", now)
            .hidden("rowsHidden", rowsHidden);
    if (rowsHidden) {
      block
          .note("")
          .note(
              "Policies keep tenants apart, and this login sees none of their rows: connect as inbox_reader.");
    }
    areas.forEach(area -> area.show(block));
    return block.grid(attention.grid());
  }

  /** Adds the samples. */
  public void measure(Metrics metrics) {
    metrics
        .gauge("inbox_schema_version", "The newest migration of the schema.")
        .gauge("inbox_attention", "Things that need a person.")
        .sample("inbox_schema_version", schema.version())
        .sample("inbox_attention", attention.size());
    areas.forEach(area -> area.measure(metrics));
  }

  /** Reads one area. */
  @FunctionalInterface
  private interface Reading {
    Area read(View view) throws SQLException;
  }
}
