package io.inbox.house;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.jdbc.PortableStore;
import io.inbox.migrations.InboxMigrations;
import java.io.File;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a reader copies first does what the page says: on H2, which needs no server. */
final class DocumentsRunTest {

  private static final Pattern SQL = Pattern.compile("(?ms)^```sql\\n(.*?)^```$");

  @TempDir private Path output;

  @Test
  void theLinesOfTheReadmeHandleARedeliveryAfterARestartOnce() throws Exception {
    DataSource database = database("readme", "");
    execute(database, "CREATE TABLE booking (payload VARBINARY)");
    Snippet lines =
        Snippet.in(Path.of("README.md"), Reactor.read(Reactor.ROOT.resolve("README.md"))).get(0);
    assertThat(lines.code()).contains("PostgresStore", "// H2: PortableStore");
    Object reader =
        compiled(
            lines,
            code -> code.replace("PostgresStore", "PortableStore") + "\ninbox.close();"); // restart
    AtomicInteger acknowledged = new AtomicInteger();
    set(reader, "dataSource", database);
    set(reader, "id", "evt_1");
    set(reader, "payload", new byte[] {1});
    set(reader, "delivery", counting(field(reader, "delivery").getType(), acknowledged));

    call(reader);
    call(reader);

    assertThat(acknowledged).hasValue(2);
    assertThat(count(database, "booking")).isEqualTo(1);
  }

  @Test
  void theOperatorsStatementsRun() throws Exception {
    DataSource database = database("operations", ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE");
    InboxMigrations.on(database).migrate();

    List<String> statements = statements(Path.of("docs", "operations.md"));
    assertThat(statements).hasSizeGreaterThan(7);
    for (String statement : statements) {
      assertThat(statement.strip()).as("only looks").startsWith("SELECT");
      execute(database, statement);
    }
  }

  @Test
  void theLinesOfTheCollectorRemoveWhatIsOld() throws Exception {
    DataSource database = database("collector", "");
    InboxMigrations.on(database).migrate();
    try (Inbox inbox = Inbox.builder("payments", PortableStore.create(), database).build()) {
      for (String id : List.of("old", "young")) {
        inbox.process(Message.of(id, new byte[0]), tx -> {});
      }
    }
    execute(
        database,
        "UPDATE \"inbox\".\"message\" SET \"handled_at\" = CURRENT_TIMESTAMP - INTERVAL '16' DAY"
            + " WHERE \"message_id\" = 'old'");
    Path page = Path.of("docs", "collector.md");
    Snippet lines = Snippet.in(page, Reactor.read(Reactor.ROOT.resolve(page))).get(0);
    Object reader = compiled(lines, code -> code.replace("PostgresStore", "PortableStore"));
    set(reader, "dataSource", database);

    call(reader);

    assertThat(column(database, "SELECT \"message_id\" FROM \"inbox\".\"message\""))
        .containsExactly("young");
  }

  @Test
  void theImportTakesOverWhatWasHandledBefore() throws Exception {
    DataSource database = database("adoption", ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE");
    InboxMigrations.on(database).migrate();
    execute(
        database,
        "CREATE TABLE processed_event (event_id VARCHAR PRIMARY KEY, processed_at TIMESTAMP WITH TIME ZONE)");
    execute(
        database,
        "INSERT INTO processed_event SELECT 'evt_' || \"X\", CURRENT_TIMESTAMP FROM SYSTEM_RANGE(1, 2500)");
    Path page = Path.of("docs", "adoption.md");
    Snippet lines = Snippet.in(page, Reactor.read(Reactor.ROOT.resolve(page))).get(0);
    Object reader = compiled(lines, code -> code);
    try (Inbox inbox = Inbox.builder("payments", PortableStore.create(), database).build()) {
      set(reader, "dataSource", database);
      set(reader, "inbox", inbox);

      call(reader);

      assertThat(count(database, "inbox.message")).isEqualTo(2500);
      Message late = Message.builder("evt_2500").source("stripe").build();
      assertThat(inbox.process(late, tx -> {})).isInstanceOf(Outcome.Duplicate.class);
    }
  }

  private static List<String> statements(Path document) {
    List<String> statements = new ArrayList<>();
    Matcher block = SQL.matcher(Reactor.read(Reactor.ROOT.resolve(document)));
    while (block.find()) {
      Arrays.stream(block.group(1).split(";", -1))
          .filter(statement -> !statement.isBlank())
          .forEach(statements::add);
    }
    return statements;
  }

  private static DataSource database(String name, String settings) {
    JdbcDataSource dataSource = new JdbcDataSource();
    dataSource.setURL("jdbc:h2:mem:" + name + ";DB_CLOSE_DELAY=-1" + settings);
    return dataSource;
  }

  private Object compiled(Snippet snippet, java.util.function.UnaryOperator<String> change)
      throws Exception {
    Snippet changed =
        new Snippet(
            snippet.document(), snippet.line(), snippet.mark(), change.apply(snippet.code()));
    Javac.Source source = changed.source(Reactor.resource("snippet-template.java"));
    String classPath = String.join(File.pathSeparator, Javac.CLASS_PATH);
    Javac.Result result =
        Javac.compile(output, List.of("-proc:none", "-cp", classPath), List.of(source));
    assertThat(result.ok()).as(result.messages()).isTrue();
    String name = source.getName().substring(1).replace(".java", "").replace('/', '.');
    URL[] classes = {output.toUri().toURL()};
    Constructor<?> constructor =
        new URLClassLoader(classes, getClass().getClassLoader())
            .loadClass(name)
            .getDeclaredConstructor();
    constructor.setAccessible(true);
    return constructor.newInstance();
  }

  private static Object counting(Class<?> delivery, AtomicInteger acknowledged) {
    return Proxy.newProxyInstance(
        delivery.getClassLoader(),
        new Class<?>[] {delivery},
        (proxy, method, arguments) -> {
          assertThat(method.getName()).isEqualTo("acknowledge");
          acknowledged.incrementAndGet();
          return null;
        });
  }

  private static Field field(Object object, String name) throws ReflectiveOperationException {
    Field field = object.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return field;
  }

  private static void set(Object object, String name, Object value)
      throws ReflectiveOperationException {
    field(object, name).set(object, value);
  }

  private static void call(Object reader) throws ReflectiveOperationException {
    Method method = reader.getClass().getDeclaredMethod("snippet");
    method.setAccessible(true);
    method.invoke(reader);
  }

  private static void execute(DataSource database, String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static int count(DataSource database, String table) throws SQLException {
    return Integer.parseInt(column(database, "SELECT COUNT(*) FROM " + table).get(0));
  }

  private static List<String> column(DataSource database, String sql) throws SQLException {
    List<String> values = new ArrayList<>();
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        values.add(row.getString(1));
      }
    }
    return values;
  }
}
