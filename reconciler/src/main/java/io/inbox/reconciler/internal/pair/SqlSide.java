package io.inbox.reconciler.internal.pair;

import io.inbox.reconciler.internal.Session;
import io.inbox.reconciler.spi.CheckRun;
import java.math.BigDecimal;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A side that is a SELECT. Counts and checksums are computed by its database; rows come by a cursor
 * on the server, some thousand at a time.
 */
final class SqlSide implements Side {
  private static final int FETCH = 2_000;

  /** Between the parts of a row that are hashed together; no key or value of the inbox has them. */
  static final char SEPARATOR = 31;

  static final char NOTHING = 30;

  private final CheckRun run;
  private final DataSource dataSource;
  private final ServerSql server;
  private final BoundSelect select;
  private final List<Column> columns;
  private final int hidden;
  private final Shape shape;
  private final Hashing hashing;
  private volatile @Nullable Session session;

  /**
   * Creates a side.
   *
   * @param columns what the SELECT returns
   * @param hidden how many more columns it returns, which do not count
   */
  SqlSide(
      CheckRun run,
      DataSource dataSource,
      ServerSql server,
      BoundSelect select,
      List<Column> columns,
      int hidden,
      Shape shape,
      Hashing hashing) {
    this.run = run;
    this.dataSource = dataSource;
    this.server = server;
    this.select = select;
    this.columns = List.copyOf(columns);
    this.hidden = hidden;
    this.shape = shape;
    this.hashing = hashing;
  }

  /** The side's rows with the same names whatever its SELECT calls them: k, t, s, v0 and so on. */
  private String named() {
    List<String> named = new ArrayList<>();
    named.add(column("key") + " AS \"k\"");
    if (shape.tenant()) {
      named.add(column("tenant") + " AS \"t\"");
    }
    if (shape.source()) {
      named.add(column("source") + " AS \"s\"");
    }
    for (int i = 0; i < shape.values().size(); i++) {
      named.add(column(shape.values().get(i).label()) + " AS \"v" + i + '"');
    }
    String positions =
        IntStream.range(0, columns.size() + hidden)
            .mapToObj(i -> "\"c" + i + '"')
            .collect(Collectors.joining(", "));
    // The line break ends a comment that the query may end with.
    return "SELECT "
        + (shape.bySubject() && select.mayRepeat() ? "DISTINCT " : "")
        + String.join(", ", named)
        + " FROM (\n"
        + select.sql()
        + "\n) AS \"e\" ("
        + positions
        + ")";
  }

  private String column(String label) {
    int position =
        IntStream.range(0, columns.size())
            .filter(i -> columns.get(i).label().equals(label))
            .findFirst()
            .orElseThrow();
    return server.text("\"c" + position + '"', columns.get(position));
  }

  private String hash() {
    return server.hash(hashing.kind(), "\"k\"", 0);
  }

  private String bucket(String hash) {
    return server.bucket(hash, hashing.buckets().shift());
  }

  /** The text that is summed up: everything that must be equal on both sides. */
  private String whole() {
    StringBuilder whole = new StringBuilder("\"k\"");
    String separator = " || " + server.character(SEPARATOR) + " || ";
    if (shape.tenant()) {
      whole.append(separator).append("COALESCE(\"t\", '')");
    }
    if (shape.source()) {
      whole.append(separator).append("COALESCE(\"s\", '')");
    }
    for (int i = 0; i < shape.values().size(); i++) {
      whole
          .append(" || COALESCE(")
          .append(server.character(SEPARATOR))
          .append(" || \"v")
          .append(i)
          .append("\", ")
          .append(server.character(NOTHING))
          .append(')');
    }
    return shape.beside() == 0 ? whole.toString() : "(" + whole + ")";
  }

  /** The rows with their hashes, each computed once: h of the key, w of all. */
  private String hashed() {
    boolean same = hashing.kind() == HashKind.DIGEST && shape.beside() == 0;
    return "SELECT "
        + hash()
        + " AS \"h\""
        + (same ? "" : ", " + server.hash(hashing.kind(), whole(), hashing.seed()) + " AS \"w\"")
        + " FROM ("
        + named()
        + ") AS \"n\""
        + (same ? server.fence() : "");
  }

  private String sum() {
    boolean same = hashing.kind() == HashKind.DIGEST && shape.beside() == 0;
    return same ? "SUM(\"h\")" : "SUM(\"w\")";
  }

  @Override
  public Checksums checksums(Bounds bounds, HashRange range) throws SQLException {
    String part = server.bucket("\"h\"", 0);
    String sql =
        "SELECT \"b\", COUNT(*), "
            + sum()
            + " FROM (SELECT "
            + bucket("\"h\"")
            + " AS \"b\", \"x\".* FROM ("
            + hashed()
            + ") AS \"x\""
            + (range.isAll()
                ? ""
                : " WHERE "
                    + part
                    + " >= ? AND "
                    + part
                    + " < ?"
                    + (range.first() == 0 ? " OR \"h\" IS NULL" : ""))
            + ") AS \"y\" GROUP BY \"b\"";
    Checksums checksums = new Checksums(hashing.buckets());
    try (Session open = open()) {
      server.beforeGrouping(open.connection());
      // All at once: a cursor would keep the server from using more than one process.
      try (PreparedStatement statement = open.prepare(sql, run.timeLeft())) {
        int next = select.bind(statement, 1, bounds);
        if (!range.isAll()) {
          statement.setInt(next, range.first());
          statement.setInt(next + 1, range.end());
        }
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            read(row, checksums);
          }
        }
      }
    } finally {
      session = null;
    }
    return checksums;
  }

  private static void read(ResultSet row, Checksums checksums) throws SQLException {
    int bucket = row.getInt(1);
    if (row.wasNull()) {
      checksums.putWithoutKey(row.getLong(2));
      return;
    }
    BigDecimal sum = row.getBigDecimal(3);
    checksums.put(bucket, row.getLong(2), sum.toBigInteger().longValue());
  }

  @Override
  public Rows rows(Bounds bounds, BitSet buckets) throws SQLException {
    String sql =
        "SELECT * FROM (SELECT "
            + bucket(hash())
            + " AS \"b\", \"n\".* FROM ("
            + named()
            + ") AS \"n\") AS \"x\" WHERE "
            + server.isIn("\"b\"")
            + " ORDER BY \"b\", "
            + server.byBytes("\"k\"")
            + (shape.tenant() ? ", " + server.byBytes("\"t\"") : "")
            + (shape.source() ? ", " + server.byBytes("\"s\"") : "");
    Session open = open();
    try {
      PreparedStatement statement = open.prepare(sql, run.timeLeft());
      statement.setFetchSize(FETCH);
      int next = select.bind(statement, 1, bounds);
      statement.setBytes(next, hashing.buckets().mask(buckets));
      return new CursorRows(open, statement.executeQuery(), shape);
    } catch (SQLException | RuntimeException e) {
      open.close();
      throw e;
    }
  }

  /** A SELECT for the rows of some keys, which are the last parameter. */
  String lookup(Collection<String> keys) {
    return "SELECT * FROM (" + named() + ") AS \"n\" WHERE " + server.isOneOf("\"k\"", keys);
  }

  BoundSelect select() {
    return select;
  }

  private Session open() throws SQLException {
    Session open = Session.open(dataSource);
    session = open;
    return open;
  }

  @Override
  public void cancel() {
    @Nullable Session open = session;
    if (open != null) {
      open.cancel();
    }
  }

  /** Reads the columns that {@link #named} gives. */
  static Row row(ResultSet row, int bucket, Shape shape) throws SQLException {
    ItemKey key =
        new ItemKey(
            row.getString("k"),
            shape.tenant() ? orEmpty(row.getString("t")) : "",
            shape.source() ? orEmpty(row.getString("s")) : "");
    List<@Nullable String> values = new ArrayList<>(shape.values().size());
    for (int i = 0; i < shape.values().size(); i++) {
      values.add(row.getString("v" + i));
    }
    return new Row(bucket, key, values);
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
