package io.inbox.internal;

import io.inbox.DeadLetter;
import io.inbox.DeadLetterQuery;
import io.inbox.MessageKey;
import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.Records;
import io.inbox.spi.Tables;
import java.sql.Connection;
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
 * {@link Records} in jOOQ. What runs for every message is rendered once; the rest as it is needed.
 */
public final class JooqRecords implements Records {
  /** jOOQ would log bind values, payloads among them. */
  private static final Settings SETTINGS =
      new Settings().withExecuteLogging(false).withDiagnosticsLogging(false);

  private final SQLDialect dialect;
  private final Table<Record> versions;
  private final ConsumerRows consumers;
  private final MessageRows messages;
  private final ResultRows results;
  private final AttemptRows attempts;
  private final LetterRows letters;

  public JooqRecords(SQLDialect dialect, Tables tables) {
    DSLContext render = DSL.using(dialect);
    this.dialect = dialect;
    this.versions = Columns.table(tables, "schema_version");
    this.consumers = new ConsumerRows(Columns.table(tables, "consumer"));
    this.messages = new MessageRows(render, Columns.table(tables, "message"));
    this.results = new ResultRows(render, Columns.table(tables, "result"));
    this.attempts = new AttemptRows(Columns.table(tables, "attempt"));
    this.letters = new LetterRows(Columns.table(tables, "dead_letter"));
  }

  @Override
  public Optional<SchemaStamp> schema(Connection connection) {
    return on(connection)
        .select(Columns.VERSION, Columns.COMPATIBLE_FROM)
        .from(versions)
        .orderBy(Columns.VERSION.desc())
        .limit(1)
        .fetchOptional(row -> new SchemaStamp(row.value1(), row.value2()));
  }

  @Override
  public void register(Connection connection, ClaimPolicy policy) {
    consumers.register(on(connection), policy);
  }

  @Override
  public void saveResult(Connection connection, MessageKey key, byte[] result, byte[] signature)
      throws SQLException {
    results.save(connection, key, result, signature);
  }

  @Override
  public Optional<StoredResult> result(Connection connection, MessageKey key) throws SQLException {
    return results.find(connection, key);
  }

  @Override
  public int countAttempt(Connection connection, MessageKey key, String error) {
    return attempts.count(on(connection), key, error);
  }

  @Override
  public void forgetAttempts(Connection connection, MessageKey key) {
    attempts.forget(on(connection), key);
  }

  @Override
  public void markDeadLettered(Connection connection, MessageKey key) {
    messages.markDeadLettered(on(connection), key);
  }

  @Override
  public void markHandled(
      Connection connection,
      MessageKey key,
      byte @Nullable [] fingerprint,
      @Nullable Instant messageTime) {
    messages.markHandled(on(connection), key, fingerprint, messageTime);
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
    return messages.backfill(connection, handled);
  }

  static @Nullable OffsetDateTime at(@Nullable Instant instant) {
    return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
  }

  private DSLContext on(Connection connection) {
    return DSL.using(connection, dialect, SETTINGS);
  }
}
