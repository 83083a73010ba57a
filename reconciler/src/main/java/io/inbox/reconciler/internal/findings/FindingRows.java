package io.inbox.reconciler.internal.findings;

import static io.inbox.reconciler.internal.Sha256.utf8;

import io.inbox.reconciler.Finding;
import io.inbox.reconciler.Finding.Severity;
import io.inbox.reconciler.Finding.State;
import io.inbox.reconciler.FindingQuery;
import io.inbox.reconciler.internal.Sha256;
import io.inbox.reconciler.internal.Times;
import io.inbox.reconciler.spi.Sighting;
import io.inbox.spi.Tables;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The rows of the findings, in the transaction of the given connection. */
public final class FindingRows {
  private static final byte[] NONE = {0};
  private static final byte[] SOME = {1};

  private static final String COLUMNS =
      """
      "id", "check_name", "kind", "severity", "cause", "tenant", "consumer", "source", "item", "detail",
      "happened_at", "first_seen_at", "last_seen_at", "seen", "reopened", "resolved_at", "resolution", "accepted"
      """;

  private final String table;

  public FindingRows(Tables tables) {
    this.table = tables.quoted("finding");
  }

  /** What a sighting did to the row of its finding. */
  public enum Change {
    NEW,
    REOPENED,
    STILL_OPEN,
    ACCEPTED
  }

  /**
   * What became of one sighting.
   *
   * @param id the row of its finding
   */
  public record Recorded(long id, Change change, Sighting sighting) {}

  /** Writes sightings of one check; several of one finding count once. */
  public List<Recorded> record(Connection connection, String check, List<Sighting> sightings)
      throws SQLException {
    Map<String, Sighting> distinct = new LinkedHashMap<>();
    sightings.forEach(sighting -> distinct.putIfAbsent(digest(check, sighting), sighting));
    Map<String, Finding> known = known(connection, distinct.keySet());
    List<Recorded> recorded = new ArrayList<>(distinct.size());
    for (Map.Entry<String, Sighting> entry : distinct.entrySet()) {
      @Nullable Finding finding = known.get(entry.getKey());
      if (finding == null) {
        long id = insert(connection, check, bytes(entry.getKey()), entry.getValue());
        recorded.add(new Recorded(id, Change.NEW, entry.getValue()));
      } else {
        update(connection, finding, entry.getValue());
        Change change =
            switch (finding.state()) {
              case OPEN -> Change.STILL_OPEN;
              case RESOLVED -> Change.REOPENED;
              case ACCEPTED -> Change.ACCEPTED;
            };
        recorded.add(new Recorded(finding.id(), change, entry.getValue()));
      }
    }
    return recorded;
  }

  /** What tells one finding from another; what may change from run to run is not part of it. */
  private static String digest(String check, Sighting sighting) {
    byte[] digest =
        Sha256.ofParts(
            utf8(check),
            utf8(sighting.kind()),
            sighting.tenant().isPresent() ? SOME : NONE,
            utf8(sighting.tenant().orElse("")),
            utf8(sighting.consumer().orElse("")),
            sighting.source().isPresent() ? SOME : NONE,
            utf8(sighting.source().orElse("")),
            utf8(sighting.item()));
    return HexFormat.of().formatHex(digest);
  }

  private static byte[] bytes(String digest) {
    return HexFormat.of().parseHex(digest);
  }

  /** Reads by finding_digest_key. */
  private Map<String, Finding> known(Connection connection, Set<String> digests)
      throws SQLException {
    Map<String, Finding> known = new HashMap<>();
    String select =
        "SELECT \"digest\", " + COLUMNS + " FROM " + table + " WHERE \"digest\" = ? FOR UPDATE";
    try (PreparedStatement statement = connection.prepareStatement(select)) {
      for (String digest : digests) {
        statement.setBytes(1, bytes(digest));
        try (ResultSet row = statement.executeQuery()) {
          if (row.next()) {
            known.put(digest, read(row));
          }
        }
      }
    }
    return known;
  }

  private long insert(Connection connection, String check, byte[] digest, Sighting sighting)
      throws SQLException {
    String insert =
        "INSERT INTO "
            + table
            + """
             ("digest", "check_name", "kind", "severity", "cause", "tenant", "consumer", "source", "item", "detail", "happened_at")
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """;
    try (PreparedStatement statement = connection.prepareStatement(insert, new String[] {"id"})) {
      statement.setBytes(1, digest);
      statement.setString(2, check);
      statement.setString(3, sighting.kind());
      statement.setString(4, sighting.severity().name());
      statement.setString(5, sighting.cause());
      statement.setString(6, sighting.tenant().orElse(null));
      statement.setString(7, sighting.consumer().orElse(null));
      statement.setString(8, sighting.source().orElse(null));
      statement.setString(9, sighting.item());
      statement.setString(10, sighting.detail().orElse(null));
      statement.setObject(11, sighting.happenedAt().map(Times::at).orElse(null));
      statement.executeUpdate();
      try (ResultSet keys = statement.getGeneratedKeys()) {
        keys.next();
        return keys.getLong(1);
      }
    }
  }

  /** Counts a sighting; opens a resolved finding again, leaves an accepted one as it is. */
  private void update(Connection connection, Finding finding, Sighting sighting)
      throws SQLException {
    boolean reopen = finding.state() == State.RESOLVED;
    String update =
        "UPDATE "
            + table
            + """
             SET "severity" = ?, "cause" = ?, "detail" = ?, "happened_at" = COALESCE(?, "happened_at"),
            "last_seen_at" = CURRENT_TIMESTAMP, "seen" = "seen" + 1
            """
            + (reopen
                ? ", \"reopened\" = \"reopened\" + 1, \"resolved_at\" = NULL, \"resolution\" = NULL"
                : "")
            + " WHERE \"id\" = ?";
    try (PreparedStatement statement = connection.prepareStatement(update)) {
      statement.setString(1, sighting.severity().name());
      statement.setString(2, sighting.cause());
      statement.setString(3, sighting.detail().orElse(null));
      statement.setObject(4, sighting.happenedAt().map(Times::at).orElse(null));
      statement.setLong(5, finding.id());
      statement.executeUpdate();
    }
  }

  /** Counts one more sighting of an open finding, without anything new about it. */
  public void touch(Connection connection, long id) throws SQLException {
    String update =
        "UPDATE "
            + table
            + " SET \"last_seen_at\" = CURRENT_TIMESTAMP, \"seen\" = \"seen\" + 1 WHERE \"id\" = ?";
    try (PreparedStatement statement = connection.prepareStatement(update)) {
      statement.setLong(1, id);
      statement.executeUpdate();
    }
  }

  /** Ends an open finding; returns whether it was open. */
  public boolean end(Connection connection, long id, State state, String resolution)
      throws SQLException {
    String update =
        "UPDATE "
            + table
            + """
             SET "resolved_at" = CURRENT_TIMESTAMP, "resolution" = ?, "accepted" = ?
            WHERE "id" = ? AND "resolved_at" IS NULL
            """;
    try (PreparedStatement statement = connection.prepareStatement(update)) {
      statement.setString(1, resolution);
      statement.setBoolean(2, state == State.ACCEPTED);
      statement.setLong(3, id);
      return statement.executeUpdate() == 1;
    }
  }

  /** Reads by finding_check_idx where a check is named, else by the primary key. */
  public List<Finding> list(Connection connection, FindingQuery query) throws SQLException {
    StringBuilder select =
        new StringBuilder("SELECT " + COLUMNS + " FROM " + table + " WHERE \"id\" > ? AND ")
            .append(
                switch (query.state()) {
                  case OPEN -> "\"resolved_at\" IS NULL";
                  case RESOLVED -> "\"resolved_at\" IS NOT NULL AND NOT \"accepted\"";
                  case ACCEPTED -> "\"resolved_at\" IS NOT NULL AND \"accepted\"";
                });
    List<String> values = new ArrayList<>();
    and(select, values, "check_name", query.check());
    and(select, values, "kind", query.kind());
    and(select, values, "consumer", query.consumer());
    and(select, values, "item", query.item());
    select.append(" ORDER BY \"id\" FETCH FIRST ").append(query.limit()).append(" ROWS ONLY");
    List<Finding> found = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(select.toString())) {
      statement.setLong(1, query.after());
      for (int i = 0; i < values.size(); i++) {
        statement.setString(i + 2, values.get(i));
      }
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.add(read(row));
        }
      }
    }
    return found;
  }

  private static void and(
      StringBuilder select, List<String> values, String column, @Nullable String value) {
    if (value != null) {
      select.append(" AND \"").append(column).append("\" = ?");
      values.add(value);
    }
  }

  /** Counts by finding_check_idx. */
  public long countOpen(Connection connection, String check) throws SQLException {
    String select =
        "SELECT COUNT(*) FROM " + table + " WHERE \"check_name\" = ? AND \"resolved_at\" IS NULL";
    try (PreparedStatement statement = connection.prepareStatement(select)) {
      statement.setString(1, check);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  public Optional<Finding> find(Connection connection, long id) throws SQLException {
    String select = "SELECT " + COLUMNS + " FROM " + table + " WHERE \"id\" = ?";
    try (PreparedStatement statement = connection.prepareStatement(select)) {
      statement.setLong(1, id);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Optional.of(read(row)) : Optional.empty();
      }
    }
  }

  private static Finding read(ResultSet row) throws SQLException {
    @Nullable Instant resolvedAt = Times.read(row, "resolved_at");
    State state =
        resolvedAt == null
            ? State.OPEN
            : row.getBoolean("accepted") ? State.ACCEPTED : State.RESOLVED;
    return Finding.builder(
            row.getLong("id"),
            row.getString("check_name"),
            row.getString("kind"),
            row.getString("item"))
        .because(Severity.valueOf(row.getString("severity")), row.getString("cause"))
        .of(row.getString("tenant"), row.getString("consumer"), row.getString("source"))
        .detail(row.getString("detail"), Times.read(row, "happened_at"))
        .seen(
            Objects.requireNonNull(Times.read(row, "first_seen_at")),
            Objects.requireNonNull(Times.read(row, "last_seen_at")),
            row.getInt("seen"),
            row.getInt("reopened"))
        .ended(state, resolvedAt, row.getString("resolution"))
        .build();
  }
}
