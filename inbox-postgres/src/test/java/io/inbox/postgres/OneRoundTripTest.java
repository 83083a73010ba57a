package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.insertInto;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.param;
import static org.jooq.impl.DSL.query;
import static org.jooq.impl.DSL.table;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.SqlHandler;
import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.fault.FaultProxy;
import io.inbox.testkit.fault.FaultProxy.Fault;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import javax.sql.DataSource;
import org.jooq.Field;
import org.jooq.Query;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Queries that go with their claim, counted on the wire, and a wire that is cut. */
class OneRoundTripTest {
  private static final Field<String> MESSAGE_ID = field(name("message_id"), String.class);
  private static final Field<String> ID = field(name("id"), String.class);
  private static final Field<Long> AMOUNT = field(name("amount"), Long.class);

  private static PaymentsDatabase database;

  private FaultProxy proxy;
  private HikariDataSource pool;
  private Inbox inbox;

  @BeforeAll
  static void createDatabase() throws SQLException {
    database = PaymentsDatabase.on(PostgresServer.shared(PostgresServer.NEWEST));
    database.execute(
        "CREATE TABLE typed (id text, at timestamptz, day date, note jsonb, ref uuid, bytes bytea, price numeric)");
  }

  @BeforeEach
  void connectThroughTheProxy() throws Exception {
    database.execute("TRUNCATE applied, account, typed, inbox.message");
    proxy = FaultProxy.before(PostgresServer.shared(PostgresServer.NEWEST).port());
    pool = PaymentsDatabase.quietPool(database.urlThrough(proxy.port()) + "&socketTimeout=2", 1);
    inbox = PaymentsDatabase.inbox("payments", pool).wait(Duration.ofMillis(300)).build();
  }

  @AfterEach
  void close() {
    inbox.close();
    pool.close();
    proxy.close();
  }

  private static Query note() {
    return insertInto(table(name("applied")), MESSAGE_ID).values(param("id", String.class));
  }

  private static Query credit() {
    return insertInto(table(name("account")), ID, AMOUNT)
        .values(param("account", String.class), param("amount", Long.class))
        .onConflict(ID)
        .doUpdate()
        .set(AMOUNT, field(name("account", "amount"), Long.class).plus(DSL.excluded(AMOUNT)));
  }

  private SqlHandler handler(int queries) {
    return queries == 1 ? inbox.sql(note()) : inbox.sql(note(), credit(), credit());
  }

  private static Map<String, Object> values(int queries, String id) {
    return queries == 1 ? Map.of("id", id) : Map.of("id", id, "account", "alice", "amount", 7L);
  }

  @ParameterizedTest
  @CsvSource({"1", "3"})
  void aFirstDeliveryIsOneRoundTrip(int queries) throws SQLException {
    SqlHandler handler = handler(queries);
    assertThat(handler.isOneRoundTrip()).isTrue();
    for (int i = 0; i < 12; i++) { // often enough for statements to be prepared on the server
      Message message = PaymentsDatabase.message("m" + i);

      long before = proxy.roundTrips();
      assertThat(handler.process(message, values(queries, message.id())))
          .isInstanceOf(Outcome.Processed.class);

      assertThat(proxy.roundTrips() - before).isOne();
      assertThat(database.applied(message.id())).isOne();
    }
    assertThat(handler.process(PaymentsDatabase.message("m3"), values(queries, "m3")))
        .isInstanceOf(Outcome.Duplicate.class);
    assertThat(database.number("SELECT count(*) FROM applied")).isEqualTo(12);
    assertThat(database.number("SELECT coalesce(sum(amount), 0) FROM account"))
        .isEqualTo(queries == 1 ? 0 : 12 * 14);
  }

  @Test
  void anUpsertGoesWithItsClaim() throws SQLException {
    SqlHandler handler = inbox.sql(credit());
    assertThat(handler.isOneRoundTrip()).isTrue();
    for (String id : new String[] {"a", "b", "a", "b", "c"}) {
      assertThat(
              handler
                  .process(PaymentsDatabase.message(id), Map.of("account", "alice", "amount", 7L))
                  .acknowledge())
          .isTrue();
    }
    assertThat(database.number("SELECT amount FROM account")).isEqualTo(21);
  }

  @Test
  void rowsThatAreSelectedGoWithTheirClaim() throws SQLException {
    database.execute("INSERT INTO applied VALUES ('a'), ('b')");
    SqlHandler handler =
        inbox.sql(
            insertInto(table(name("applied")), MESSAGE_ID)
                .select(
                    DSL.select(DSL.val("copy of ").concat(MESSAGE_ID))
                        .from(table(name("applied")))
                        .where(MESSAGE_ID.ne(param("but", String.class)))));
    assertThat(handler.isOneRoundTrip()).isTrue();
    for (int i = 0; i < 2; i++) {
      assertThat(handler.process(PaymentsDatabase.message("m"), Map.of("but", "b")).acknowledge())
          .isTrue();
    }
    assertThat(database.rows("SELECT message_id FROM applied ORDER BY 1"))
        .containsExactly("a", "b", "copy of a");
  }

  @Test
  void whatCannotBeMadeConditionalTakesTheUsualWay() {
    assertThat(inbox.sql(query("DELETE FROM applied")).isOneRoundTrip()).isFalse();
    assertThat(inbox.sql(note(), query("DELETE FROM applied")).isOneRoundTrip()).isFalse();
    assertThat(inbox.sql(insertInto(table(name("applied"))).defaultValues()).isOneRoundTrip())
        .isFalse();
    assertThat(
            inbox
                .sql(insertInto(table(name("applied")), MESSAGE_ID).values("a").values("b"))
                .isOneRoundTrip())
        .isFalse();
  }

  /** The types of parameters come from the columns, as they would without the condition. */
  @Test
  void valuesOfManyTypesArrive() throws SQLException {
    SqlHandler handler =
        inbox.sql(
            insertInto(
                    table(name("typed")),
                    ID,
                    field(name("at"), SQLDataType.INSTANT),
                    field(name("day"), SQLDataType.LOCALDATE),
                    field(name("note"), SQLDataType.JSONB),
                    field(name("ref"), SQLDataType.UUID),
                    field(name("bytes"), SQLDataType.BLOB),
                    field(name("price"), SQLDataType.NUMERIC))
                .values(
                    param("id", SQLDataType.VARCHAR),
                    param("at", SQLDataType.INSTANT),
                    param("day", SQLDataType.LOCALDATE),
                    param("note", SQLDataType.JSONB),
                    param("ref", SQLDataType.UUID),
                    param("bytes", SQLDataType.BLOB),
                    param("price", SQLDataType.NUMERIC)));
    assertThat(handler.isOneRoundTrip()).isTrue();
    Map<String, Object> values = new java.util.HashMap<>();
    for (String id : new String[] {"full", "empty"}) {
      boolean full = id.equals("full");
      values.put("id", id);
      values.put("at", full ? Instant.parse("2026-01-02T03:04:05.678901Z") : null);
      values.put("day", full ? java.time.LocalDate.of(2026, 1, 2) : null);
      values.put("note", full ? org.jooq.JSONB.jsonb("{\"a\": 1}") : null);
      values.put("ref", full ? new java.util.UUID(1, 2) : null);
      values.put("bytes", full ? new byte[] {1, 2} : null);
      values.put("price", full ? new java.math.BigDecimal("1.50") : null);
      long before = proxy.roundTrips();
      assertThat(handler.process(PaymentsDatabase.message(id), values))
          .isInstanceOf(Outcome.Processed.class);
      assertThat(proxy.roundTrips() - before).isOne();
    }
    assertThat(
            database.rows(
                "SELECT concat_ws('|', id, at AT TIME ZONE 'UTC', day, note, ref, bytes, price) FROM typed ORDER BY 1"))
        .containsExactly(
            "empty",
            "full|2026-01-02 03:04:05.678901|2026-01-02|{\"a\": 1}|00000000-0000-0001-0000-000000000002|\\x0102|1.50");
  }

  /** A trigger's WARNING has the SQLSTATE of the remark about the standby. */
  @ParameterizedTest
  @CsvSource({"1", "3"})
  void aWarningOfATriggerIsNoDoubt(int queries) throws SQLException {
    database.execute(
        "CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'odd'; RETURN NEW; END $$",
        "CREATE TRIGGER warn BEFORE INSERT ON applied FOR EACH ROW EXECUTE FUNCTION warn()");
    try {
      assertThat(handler(queries).process(PaymentsDatabase.message("m"), values(queries, "m")))
          .isInstanceOf(Outcome.Processed.class);
    } finally {
      database.execute("DROP TRIGGER warn ON applied", "DROP FUNCTION warn()");
    }
  }

  @ParameterizedTest
  @CsvSource({"1, true", "3, true", "1, false", "3, false"})
  void theAutocommitModeIsPutBack(int queries, boolean autoCommit) throws SQLException {
    try (Connection only = database.connect()) {
      only.setAutoCommit(autoCommit);
      try (Inbox reusing = PaymentsDatabase.inbox("reusing", lending(only)).build()) {
        SqlHandler handler = queries == 1 ? reusing.sql(note()) : reusing.sql(note(), credit());
        Map<String, Object> values = values(queries, "m");
        handler.process(PaymentsDatabase.message("m"), values);
        assertThat(only.getAutoCommit()).isEqualTo(autoCommit);
        database.execute("ALTER TABLE applied ADD CONSTRAINT none CHECK (message_id <> 'bad')");
        try {
          assertThat(handler.process(PaymentsDatabase.message("bad"), values(queries, "bad")))
              .isInstanceOf(Outcome.Failed.class);
        } finally {
          database.execute("ALTER TABLE applied DROP CONSTRAINT none");
        }
        assertThat(only.getAutoCommit()).isEqualTo(autoCommit);
        assertThat(database.applied("bad")).isZero();
      }
    }
  }

  /** Always the same connection, as it was left: closing it does nothing. */
  private static DataSource lending(Connection only) {
    Connection lent =
        (Connection)
            Proxy.newProxyInstance(
                OneRoundTripTest.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) -> {
                  try {
                    return method.getName().equals("close") ? null : method.invoke(only, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    return (DataSource)
        Proxy.newProxyInstance(
            OneRoundTripTest.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (proxy, method, arguments) -> lent);
  }

  @Test
  void noConnectionIsNoDoubt() throws SQLException {
    SqlHandler handler = handler(1);
    pool.setConnectionTimeout(300);
    try (Connection held = pool.getConnection()) {
      assertThat(held.isClosed()).isFalse();
      assertThat(handler.process(PaymentsDatabase.message("m"), values(1, "m")))
          .isInstanceOfSatisfying(
              Outcome.Failed.class,
              it -> assertThat(it.reason()).isEqualTo(Reason.DATABASE_UNAVAILABLE));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, CUT_REQUEST", "1, CUT_REPLY", "1, SWALLOW_REPLY",
    "3, CUT_REQUEST", "3, CUT_REPLY", "3, SWALLOW_REPLY"
  })
  void aConnectionThatIsLostIsDecidedByClaimingAgain(int queries, Fault fault) throws SQLException {
    SqlHandler handler = handler(queries);
    handler.process(PaymentsDatabase.message("first"), values(queries, "first"));
    proxy.arm(fault);

    Outcome<Void> outcome =
        handler.process(PaymentsDatabase.message("lost"), values(queries, "lost"));

    assertThat(outcome)
        .isInstanceOf(
            fault == Fault.CUT_REQUEST ? Outcome.Processed.class : Outcome.Duplicate.class);
    assertThat(database.applied("lost")).isOne();
    assertThat(database.number("SELECT count(*) FROM inbox.message")).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"1", "3"})
  void nothingIsAcknowledgedWhileTheDatabaseCannotBeReached(int queries) throws SQLException {
    SqlHandler handler = handler(queries);
    handler.process(PaymentsDatabase.message("first"), values(queries, "first"));
    proxy.refuse(true);
    proxy.arm(Fault.CUT_REPLY);

    Outcome<Void> outcome =
        handler.process(PaymentsDatabase.message("lost"), values(queries, "lost"));

    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.InFlight.class,
            it -> assertThat(it.reason()).isEqualTo(Reason.COMMIT_IN_DOUBT));
    proxy.refuse(false);
    assertThat(handler.process(PaymentsDatabase.message("lost"), values(queries, "lost")))
        .isInstanceOf(Outcome.Duplicate.class);
    assertThat(database.applied("lost")).isOne();
  }
}
