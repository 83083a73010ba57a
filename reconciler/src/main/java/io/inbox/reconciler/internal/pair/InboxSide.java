package io.inbox.reconciler.internal.pair;

import io.inbox.reconciler.internal.Session;
import io.inbox.reconciler.internal.Times;
import io.inbox.reconciler.spi.CheckRun;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What was handled. */
final class InboxSide {
  private final CheckRun run;
  private final PairPlan plan;
  private final Shape shape;
  private final ServerSql server;
  private final InboxSelect select;

  InboxSide(CheckRun run, PairPlan plan, Shape shape, ServerSql server) {
    this.run = run;
    this.plan = plan;
    this.shape = shape;
    this.server = server;
    this.select =
        new InboxSelect(run.store().tables(), shape, plan.consumer, plan.tenant, plan.source);
  }

  Side side(Hashing hashing) {
    return new SqlSide(
        run, run.dataSource(), server, select, select.columns(), select.hidden(), shape, hashing);
  }

  /** Returns what is known about some keys; those that are not known are left out. */
  Map<ItemKey, Handling> find(Session session, Bounds bounds, Collection<ItemKey> keys)
      throws SQLException {
    Map<ItemKey, Handling> found = new HashMap<>();
    List<String> texts = keys.stream().map(ItemKey::key).distinct().toList();
    try (PreparedStatement statement =
        session.prepare(select.lookup(server, texts), run.timeLeft())) {
      select.bindLookup(statement, server, bounds, texts);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          read(row, found);
        }
      }
    }
    return found;
  }

  private void read(ResultSet row, Map<ItemKey, Handling> found) throws SQLException {
    String tenant = row.getString("tenant");
    String source = row.getString("source");
    ItemKey key =
        new ItemKey(
            row.getString("key"), shape.tenant() ? tenant : "", shape.source() ? source : "");
    List<@Nullable String> values = new ArrayList<>(shape.values().size());
    for (int i = 0; i < shape.values().size(); i++) {
      values.add(value(row, i));
    }
    Instant at = Objects.requireNonNull(Times.read(row, "handled_at"));
    found
        .computeIfAbsent(key, it -> new Handling())
        .add(row.getShort("state") == 0, at, tenant, source, values);
  }

  private @Nullable String value(ResultSet row, int i) throws SQLException {
    if (!shape.values().get(i).isBytes()) {
      return row.getString("v" + i);
    }
    byte @Nullable [] bytes = row.getBytes("v" + i);
    return bytes == null ? null : HexFormat.of().formatHex(bytes);
  }

  /** Returns the consumer's row as it is now. */
  ConsumerRow consumer(Session session) throws SQLException {
    return ConsumerRow.of(run.store().tables(), session, plan.consumer);
  }
}
