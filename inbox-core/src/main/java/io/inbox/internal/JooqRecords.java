package io.inbox.internal;

import static io.inbox.internal.Columns.ATTEMPTS;
import static io.inbox.internal.Columns.COMPATIBLE_FROM;
import static io.inbox.internal.Columns.CONSUMER;
import static io.inbox.internal.Columns.DEDUPE_WINDOW_SECONDS;
import static io.inbox.internal.Columns.FINGERPRINT;
import static io.inbox.internal.Columns.FIRST_FAILED_AT;
import static io.inbox.internal.Columns.HANDLED_AT;
import static io.inbox.internal.Columns.LAST_ERROR;
import static io.inbox.internal.Columns.LAST_FAILED_AT;
import static io.inbox.internal.Columns.MESSAGE_ID;
import static io.inbox.internal.Columns.MESSAGE_TIME;
import static io.inbox.internal.Columns.RESULT;
import static io.inbox.internal.Columns.SIGNATURE;
import static io.inbox.internal.Columns.SOURCE;
import static io.inbox.internal.Columns.STATE;
import static io.inbox.internal.Columns.TENANT;
import static io.inbox.internal.Columns.UPDATED_AT;
import static io.inbox.internal.Columns.VERSION;
import static io.inbox.internal.Columns.is;
import static io.inbox.internal.Columns.table;

import io.inbox.DeadLetter;
import io.inbox.DeadLetterQuery;
import io.inbox.MessageKey;
import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.Records;
import io.inbox.spi.Tables;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jooq.Table;
import org.jooq.conf.Settings;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/**
 * {@link Records} in jOOQ. What runs for every message is rendered once; the rest is rendered as it
 * is needed.
 */
public final class JooqRecords implements Records {
  private static final short HANDLED = 0;
  private static final short DEAD_LETTERED = 1;

  /** jOOQ would log bind values, payloads among them. */
  private static final Settings SETTINGS =
      new Settings().withExecuteLogging(false).withDiagnosticsLogging(false);

  private final SQLDialect dialect;
  private final Tables tables;
  private final Table<Record> message;
  private final Table<Record> attempt;
  private final Table<Record> consumer;
  private final LetterRows letters;
  private final String insertResult;
  private final String selectResult;
  private final String backfill;

  public JooqRecords(SQLDialect dialect, Tables tables) {
    this.dialect = dialect;
    this.tables = tables;
    this.message = table(tables, "message");
    this.attempt = table(tables, "attempt");
    this.consumer = table(tables, "consumer");
    this.letters = new LetterRows(table(tables, "dead_letter"));
    Table<Record> result = table(tables, "result");
    DSLContext render = DSL.using(dialect);
    MessageKey any = new MessageKey("", "any", "", "any");
    this.insertResult =
        render
            .insertInto(result, TENANT, CONSUMER, SOURCE, MESSAGE_ID, RESULT, SIGNATURE)
            .values("", "any", "", "any", MessageLimits.NO_BYTES, MessageLimits.NO_BYTES)
            .getSQL();
    // Not ON CONFLICT, which H2 lacks. A row that comes in between fails the insert; its
    // transaction runs again.
    this.backfill =
        render
            .insertInto(message, TENANT, CONSUMER, SOURCE, MESSAGE_ID, HANDLED_AT)
            .select(
                DSL.select(
                        DSL.val("", TENANT),
                        DSL.val("any", CONSUMER),
                        DSL.val("", SOURCE),
                        DSL.val("any", MESSAGE_ID),
                        DSL.val(at(Instant.EPOCH), HANDLED_AT))
                    .whereNotExists(DSL.selectOne().from(message).where(is(any))))
            .getSQL();
    this.selectResult = render.select(RESULT, SIGNATURE).from(result).where(is(any)).getSQL();
  }

  @Override
  public Optional<SchemaStamp> schema(Connection connection) {
    return on(connection)
        .select(VERSION, COMPATIBLE_FROM)
        .from(table(tables, "schema_version"))
        .orderBy(VERSION.desc())
        .limit(1)
        .fetchOptional(row -> new SchemaStamp(row.value1(), row.value2()));
  }

  @Override
  public void register(Connection connection, ClaimPolicy policy) {
    DSLContext dsl = on(connection);
    long seconds = policy.window().toSeconds();
    @Nullable Long known =
        dsl.select(DEDUPE_WINDOW_SECONDS)
            .from(consumer)
            .where(CONSUMER.eq(policy.consumer()))
            .fetchOne(DEDUPE_WINDOW_SECONDS);
    if (known == null) {
      dsl.insertInto(consumer, CONSUMER, DEDUPE_WINDOW_SECONDS)
          .values(policy.consumer(), seconds)
          .execute();
    } else if (known != seconds) {
      dsl.update(consumer)
          .set(DEDUPE_WINDOW_SECONDS, seconds)
          .set(UPDATED_AT, DSL.currentOffsetDateTime())
          .where(CONSUMER.eq(policy.consumer()))
          .execute();
    }
  }

  @Override
  public void saveResult(Connection connection, MessageKey key, byte[] result, byte[] signature)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(insertResult)) {
      bind(statement, 1, key);
      statement.setBytes(5, result);
      statement.setBytes(6, signature);
      statement.executeUpdate();
    }
  }

  @Override
  public Optional<StoredResult> result(Connection connection, MessageKey key) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(selectResult)) {
      bind(statement, 1, key);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(new StoredResult(row.getBytes(1), row.getBytes(2)))
            : Optional.empty();
      }
    }
  }

  private static void bind(PreparedStatement statement, int from, MessageKey key)
      throws SQLException {
    statement.setString(from, key.tenant());
    statement.setString(from + 1, key.consumer());
    statement.setString(from + 2, key.source());
    statement.setString(from + 3, key.messageId());
  }

  @Override
  public int countAttempt(Connection connection, MessageKey key, String error) {
    DSLContext dsl = on(connection);
    int counted =
        dsl.update(attempt)
            .set(ATTEMPTS, ATTEMPTS.plus(1))
            .set(LAST_FAILED_AT, DSL.currentOffsetDateTime())
            .set(LAST_ERROR, error)
            .where(is(key))
            .execute();
    if (counted == 0) {
      // Two first failures at once: the second insert fails, its transaction runs again and finds
      // the row.
      dsl.insertInto(attempt)
          .columns(
              TENANT,
              CONSUMER,
              SOURCE,
              MESSAGE_ID,
              ATTEMPTS,
              FIRST_FAILED_AT,
              LAST_FAILED_AT,
              LAST_ERROR)
          .values(
              DSL.val(key.tenant()),
              DSL.val(key.consumer()),
              DSL.val(key.source()),
              DSL.val(key.messageId()),
              DSL.inline(1),
              DSL.currentOffsetDateTime(),
              DSL.currentOffsetDateTime(),
              DSL.val(error))
          .execute();
      return 1;
    }
    return dsl.select(ATTEMPTS).from(attempt).where(is(key)).fetchSingle(ATTEMPTS);
  }

  @Override
  public void forgetAttempts(Connection connection, MessageKey key) {
    on(connection).deleteFrom(attempt).where(is(key)).execute();
  }

  @Override
  public void markDeadLettered(Connection connection, MessageKey key) {
    on(connection).update(message).set(STATE, DEAD_LETTERED).where(is(key)).execute();
  }

  @Override
  public void markHandled(
      Connection connection,
      MessageKey key,
      byte @Nullable [] fingerprint,
      @Nullable Instant messageTime) {
    on(connection)
        .update(message)
        .set(STATE, HANDLED)
        .set(HANDLED_AT, DSL.currentOffsetDateTime())
        .set(FINGERPRINT, fingerprint)
        .set(MESSAGE_TIME, at(messageTime))
        .where(is(key))
        .execute();
  }

  @Override
  public long addDeadLetter(Connection connection, DeadLetter letter, byte @Nullable [] digest) {
    return letters.add(on(connection), letter, digest);
  }

  @Override
  public List<DeadLetter> deadLetters(
      Connection connection, String tenant, String consumer, DeadLetterQuery query) {
    return letters.list(on(connection), tenant, consumer, query);
  }

  @Override
  public Optional<DeadLetter> deadLetter(
      Connection connection, String tenant, String consumer, long id, boolean lock) {
    return letters.find(on(connection), tenant, consumer, id, lock);
  }

  @Override
  public void resolve(
      Connection connection, long id, DeadLetter.State state, @Nullable String resolution) {
    letters.resolve(on(connection), id, state, resolution);
  }

  @Override
  public int backfill(Connection connection, Map<MessageKey, Instant> handled) throws SQLException {
    int added = 0;
    try (PreparedStatement statement = connection.prepareStatement(backfill)) {
      for (Map.Entry<MessageKey, Instant> entry : handled.entrySet()) {
        bind(statement, 1, entry.getKey());
        statement.setObject(5, at(entry.getValue()));
        bind(statement, 6, entry.getKey());
        added +=
            statement
                .executeUpdate(); // one by one: a driver that rewrites batches does not say how
        // many were new
      }
    }
    return added;
  }

  static @Nullable OffsetDateTime at(@Nullable Instant instant) {
    return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
  }

  private DSLContext on(Connection connection) {
    return DSL.using(connection, dialect, SETTINGS);
  }
}
