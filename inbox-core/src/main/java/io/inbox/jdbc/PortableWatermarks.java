package io.inbox.jdbc;

import io.inbox.internal.Columns;
import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.SqlError;
import io.inbox.spi.Tables;
import io.inbox.spi.WatermarkKey;
import io.inbox.spi.Watermarks;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/**
 * Moves a watermark by comparing and setting it in one UPDATE, which evaluates its condition again
 * when it had to wait for the row. Statements are rendered once.
 */
final class PortableWatermarks implements Watermarks {
  private static final Field<String> STREAM = DSL.field(DSL.name("stream"), SQLDataType.VARCHAR);
  private static final Field<Integer> PARTITION =
      DSL.field(DSL.name("partition"), SQLDataType.INTEGER);
  private static final Field<Long> EPOCH = DSL.field(DSL.name("epoch"), SQLDataType.BIGINT);
  private static final Field<Long> POSITION = DSL.field(DSL.name("position"), SQLDataType.BIGINT);
  private static final Field<OffsetDateTime> TAKEN_AT = time("taken_at");
  private static final Field<OffsetDateTime> MOVED_AT = time("moved_at");

  private final ClaimPolicy policy;
  private final InsertClaimSql claimSql;

  /** Locks the row; waits for a transaction that moves it. Index: the primary key. */
  private final String take;

  /** Locks the new row; fails if it is there. Index: the primary key. */
  private final String create;

  /** Locks the row; waits for a transaction that holds it. Index: the primary key. */
  private final String move;

  /** Locks nothing. Index: the primary key. */
  private final String read;

  PortableWatermarks(Tables tables, ClaimPolicy policy) {
    this.policy = policy;
    this.claimSql = new InsertClaimSql(tables, policy);
    DSLContext render = DSL.using(SQLDialect.H2);
    Table<Record> table = Columns.table(tables, "watermark");
    Condition key =
        Columns.TENANT
            .eq(DSL.param("tenant", SQLDataType.VARCHAR))
            .and(Columns.CONSUMER.eq(DSL.param("consumer", SQLDataType.VARCHAR)))
            .and(STREAM.eq(DSL.param("stream", SQLDataType.VARCHAR)))
            .and(PARTITION.eq(DSL.param("partition", SQLDataType.INTEGER)));
    this.take =
        render
            .update(table)
            .set(EPOCH, EPOCH.plus(DSL.inline(1L)))
            .set(TAKEN_AT, DSL.currentOffsetDateTime())
            .where(key)
            .getSQL();
    this.create =
        render
            .insertInto(table, Columns.TENANT, Columns.CONSUMER, STREAM, PARTITION)
            .values(
                DSL.param("tenant", SQLDataType.VARCHAR),
                DSL.param("consumer", SQLDataType.VARCHAR),
                DSL.param("stream", SQLDataType.VARCHAR),
                DSL.param("partition", SQLDataType.INTEGER))
            .getSQL();
    this.move =
        render
            .update(table)
            .set(POSITION, DSL.param("to", SQLDataType.BIGINT))
            .set(MOVED_AT, DSL.currentOffsetDateTime())
            .where(key)
            .and(EPOCH.eq(DSL.param("epoch", SQLDataType.BIGINT)))
            .and(POSITION.eq(DSL.param("from", SQLDataType.BIGINT)))
            .getSQL();
    this.read = render.select(EPOCH, POSITION).from(table).where(key).getSQL();
  }

  private static Field<OffsetDateTime> time(String name) {
    return DSL.field(DSL.name(name), SQLDataType.TIMESTAMPWITHTIMEZONE);
  }

  @Override
  public Mark takeOver(Connection connection, WatermarkKey key) throws SQLException {
    return InsertClaims.waiting(
        connection,
        policy,
        () -> {
          if (run(connection, take, key) == 0) {
            run(connection, create, key); // refused if another owner did: then all runs again
          }
          return found(connection, key).orElseThrow(); // its row is locked: it is this one's
        });
  }

  private static int run(Connection connection, String sql, WatermarkKey key) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, 1, key);
      return statement.executeUpdate();
    }
  }

  @Override
  public Move move(Connection connection, WatermarkKey key, Mark from, long to)
      throws SQLException {
    return InsertClaims.waiting(
        connection,
        policy,
        () -> {
          try (PreparedStatement statement = connection.prepareStatement(move)) {
            statement.setLong(1, to);
            bind(statement, 2, key);
            statement.setLong(6, from.epoch());
            statement.setLong(7, from.position());
            return statement.executeUpdate() == 1 ? Move.MOVED : Move.ELSEWHERE;
          } catch (SQLException e) {
            if (SqlError.of(e) == SqlError.LOCK_TIMEOUT) {
              return Move.BUSY;
            }
            throw e;
          }
        });
  }

  @Override
  public Optional<Mark> read(Connection connection, WatermarkKey key) throws SQLException {
    Optional<Mark> mark = found(connection, key);
    InsertClaims.makeDurable(connection, claimSql);
    return mark;
  }

  private Optional<Mark> found(Connection connection, WatermarkKey key) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(read)) {
      bind(statement, 1, key);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(new Mark(row.getLong(1), row.getLong(2)))
            : Optional.empty();
      }
    }
  }

  private static void bind(PreparedStatement statement, int from, WatermarkKey key)
      throws SQLException {
    statement.setString(from, key.tenant());
    statement.setString(from + 1, key.consumer());
    statement.setString(from + 2, key.stream());
    statement.setInt(from + 3, key.partition());
  }
}
