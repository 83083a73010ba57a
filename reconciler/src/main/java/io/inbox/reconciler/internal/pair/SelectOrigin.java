package io.inbox.reconciler.internal.pair;

import io.inbox.error.ConfigurationException;
import io.inbox.reconciler.internal.Session;
import io.inbox.reconciler.spi.CheckRun;
import io.inbox.spi.SqlError;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Effects that a SELECT returns, in the inbox's database or in another one. */
public final class SelectOrigin implements EffectOrigin {
  private final @Nullable DataSource elsewhere;
  private final NamedQuery query;

  /**
   * Creates the origin.
   *
   * @param elsewhere another database; null for that of the inbox
   */
  public SelectOrigin(@Nullable DataSource elsewhere, NamedQuery query) {
    this.elsewhere = elsewhere;
    this.query = query;
  }

  @Override
  public EffectSide open(CheckRun run, PairPlan plan) throws SQLException {
    DataSource dataSource = elsewhere == null ? run.dataSource() : elsewhere;
    try (Session session = Session.open(dataSource)) {
      ServerSql server = ServerSql.of(session.connection());
      List<Column> columns = describe(run, session);
      Shape shape = EffectColumns.shape(plan, columns.stream().map(Column::label).toList());
      String probe = server.hasServerHash() ? server.hashProbe(session.connection()) : "";
      return new SelectEffects(
          run, dataSource, elsewhere == null, server, probe, query, columns, shape);
    }
  }

  /** Asks for no row, so that a mistake shows before anything is compared. */
  private List<Column> describe(CheckRun run, Session session) throws SQLException {
    String sql = "SELECT * FROM (\n" + query.sql() + "\n) AS \"e\" WHERE 1 = 0";
    try (PreparedStatement statement = session.prepare(sql, run.timeLeft())) {
      query.bind(statement, 1, new Bounds(Instant.EPOCH, Instant.EPOCH));
      try (ResultSet rows = statement.executeQuery()) {
        ResultSetMetaData data = rows.getMetaData();
        List<Column> columns = new ArrayList<>();
        for (int i = 1; i <= data.getColumnCount(); i++) {
          columns.add(
              Column.described(
                  data.getColumnLabel(i).toLowerCase(Locale.ROOT),
                  data.getColumnType(i),
                  data.getColumnTypeName(i)));
        }
        return columns;
      }
    } catch (SQLException e) {
      if (SqlError.of(e) == SqlError.UNAVAILABLE) {
        throw e;
      }
      throw new ConfigurationException(
          "IBX-613",
          "the database of the effects refuses the query: "
              + String.valueOf(e.getMessage()).strip().replaceAll("\\s+", " "),
          e);
    }
  }
}
