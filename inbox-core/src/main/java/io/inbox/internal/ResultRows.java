package io.inbox.internal;

import io.inbox.MessageKey;
import io.inbox.spi.Records.StoredResult;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jooq.Table;
import org.jooq.impl.DSL;

/**
 * The stored results. Written for every message that has one, so the statements are rendered once.
 */
final class ResultRows {
  private final String insert;
  private final String select;

  ResultRows(DSLContext render, Table<Record> table) {
    this.insert = insert(render, table);
    this.select =
        render
            .select(Columns.RESULT, Columns.SIGNATURE)
            .from(table)
            .where(Columns.is(Columns.ANY))
            .getSQL();
  }

  private static String insert(DSLContext render, Table<Record> table) {
    if (render.family() == SQLDialect.H2) {
      // What jOOQ makes of ON CONFLICT here is a MERGE that H2 refuses. This one overwrites, too.
      return "MERGE INTO "
          + render.render(table)
          + " (\"tenant\", \"consumer\", \"source\", \"message_id\", \"result\", \"signature\")"
          + " KEY (\"tenant\", \"consumer\", \"source\", \"message_id\") VALUES (?, ?, ?, ?, ?, ?)";
    }
    return render
        .insertInto(
            table,
            Columns.TENANT,
            Columns.CONSUMER,
            Columns.SOURCE,
            Columns.MESSAGE_ID,
            Columns.RESULT,
            Columns.SIGNATURE)
        .values("", "any", "", "any", MessageLimits.NO_BYTES, MessageLimits.NO_BYTES)
        .onConflict(Columns.TENANT, Columns.CONSUMER, Columns.SOURCE, Columns.MESSAGE_ID)
        .doUpdate()
        .set(Columns.RESULT, DSL.excluded(Columns.RESULT))
        .set(Columns.SIGNATURE, DSL.excluded(Columns.SIGNATURE))
        .getSQL();
  }

  void save(Connection connection, MessageKey key, byte[] result, byte[] signature)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(insert)) {
      Columns.bind(statement, 1, key);
      statement.setBytes(5, result);
      statement.setBytes(6, signature);
      statement.executeUpdate();
    }
  }

  Optional<StoredResult> find(Connection connection, MessageKey key) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(select)) {
      Columns.bind(statement, 1, key);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(new StoredResult(row.getBytes(1), row.getBytes(2)))
            : Optional.empty();
      }
    }
  }
}
