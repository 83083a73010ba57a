package io.inbox.reconciler.internal.pair;

import io.inbox.reconciler.internal.Session;
import io.inbox.reconciler.spi.CheckRun;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The effects that a SELECT returns. */
final class SelectEffects implements EffectSide {
  private final CheckRun run;
  private final DataSource dataSource;
  private final boolean whereTheInboxIs;
  private final ServerSql server;
  private final String probe;
  private final NamedQuery query;
  private final List<Column> columns;
  private final Shape shape;

  SelectEffects(
      CheckRun run,
      DataSource dataSource,
      boolean whereTheInboxIs,
      ServerSql server,
      String probe,
      NamedQuery query,
      List<Column> columns,
      Shape shape) {
    this.run = run;
    this.dataSource = dataSource;
    this.whereTheInboxIs = whereTheInboxIs;
    this.server = server;
    this.probe = probe;
    this.query = query;
    this.columns = columns;
    this.shape = shape;
  }

  @Override
  public Shape shape() {
    return shape;
  }

  @Override
  public boolean isWhereTheInboxIs() {
    return whereTheInboxIs;
  }

  @Override
  public boolean canLookFurther() {
    return true;
  }

  @Override
  public boolean agreesWith(ServerSql inbox, String inboxProbe) {
    return inbox.hasServerHash() && server.hasServerHash() && probe.equals(inboxProbe);
  }

  @Override
  public SqlSide side(Hashing hashing) {
    return new SqlSide(run, dataSource, server, query, columns, 0, shape, hashing);
  }

  @Override
  public Map<ItemKey, Tally> find(
      @Nullable Session snapshot, Bounds bounds, Collection<ItemKey> keys) throws SQLException {
    if (snapshot != null) {
      return findOn(snapshot, bounds, keys);
    }
    try (Session session = Session.open(dataSource)) {
      return findOn(session, bounds, keys);
    }
  }

  private Map<ItemKey, Tally> findOn(Session session, Bounds bounds, Collection<ItemKey> keys)
      throws SQLException {
    Map<ItemKey, Tally> found = new HashMap<>();
    List<String> texts = keys.stream().map(ItemKey::key).distinct().toList();
    String sql = side(Hashing.DIGEST).lookup(texts);
    try (PreparedStatement statement = session.prepare(sql, run.timeLeft())) {
      int next = query.bind(statement, 1, bounds);
      server.bindKeys(statement, next, texts);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          Row row = SqlSide.row(rows, 0, shape);
          found.computeIfAbsent(row.key(), it -> new Tally()).add(row.values());
        }
      }
    }
    return found;
  }

  @Override
  public void close() {
    // Nothing is kept between two questions.
  }
}
