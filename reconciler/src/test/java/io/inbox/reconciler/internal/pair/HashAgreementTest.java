package io.inbox.reconciler.internal.pair;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Servers of every version, H2 and Java make the same of a text. */
final class HashAgreementTest {
  private static final Column TEXT = Column.text("key");

  private final List<Connection> connections = new ArrayList<>();
  private final List<String> texts = texts();

  @BeforeEach
  void connect() throws SQLException {
    for (int version : new int[] {PostgresServer.NEWEST, PostgresServer.OLDEST}) {
      PostgresServer server = PostgresServer.shared(version);
      connections.add(DriverManager.getConnection(server.url(server.newDatabase())));
    }
    connections.add(DriverManager.getConnection("jdbc:h2:mem:"));
  }

  @AfterEach
  void close() throws SQLException {
    for (Connection connection : connections) {
      connection.close();
    }
  }

  private static List<String> texts() {
    List<String> texts =
        new ArrayList<>(
            List.of("a", "A", "é", "e\u0301", "\uD83D\uDE00", "\uFFFD", "日本", "it's", "\\", "a b"));
    Random random = new Random(1);
    for (int i = 0; i < 500; i++) {
      StringBuilder text = new StringBuilder();
      int length = 1 + random.nextInt(200);
      while (text.length() < length) {
        int c = random.nextInt(0x3000);
        text.appendCodePoint(c < 0x20 || (c > 0x7e && c < 0xa0) ? 'x' : c);
      }
      texts.add(text.toString());
    }
    return texts;
  }

  /** Evaluates an expression over {@code x} for each text. */
  private List<Long> evaluate(Connection connection, UnaryOperator<String> expression)
      throws SQLException {
    String type = ServerSql.of(connection) instanceof H2Sql ? "VARCHAR" : "text";
    List<Long> results = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT "
                + expression.apply(ServerSql.of(connection).text("x", TEXT))
                + " FROM (SELECT CAST(? AS "
                + type
                + ") AS x) AS t")) {
      for (String text : texts) {
        statement.setString(1, text);
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          results.add(row.getLong(1));
        }
      }
    }
    return results;
  }

  @Test
  void everyDatabaseComputesTheDigestThatJavaDoes() throws SQLException {
    JavaHash java = new JavaHash(new Shape(false, false, false, List.of()));
    List<Long> expected =
        texts.stream().map(text -> java.ofKey(new ItemKey(text, "", ""))).toList();
    for (Connection connection : connections) {
      ServerSql server = ServerSql.of(connection);
      assertThat(evaluate(connection, x -> server.hash(HashKind.DIGEST, x, 0)))
          .as(connection.getMetaData().getDatabaseProductVersion())
          .isEqualTo(expected);
    }
  }

  @Test
  void everyPostgresHashesAlikeAndTheProbeSaysSo() throws SQLException {
    Connection newest = connections.get(0);
    Connection oldest = connections.get(1);
    ServerSql server = ServerSql.of(newest);
    for (long seed : new long[] {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE + 1}) {
      assertThat(evaluate(newest, x -> server.hash(HashKind.SERVER, x, seed)))
          .isEqualTo(evaluate(oldest, x -> server.hash(HashKind.SERVER, x, seed)));
    }
    assertThat(server.hashProbe(newest))
        .isEqualTo(ServerSql.of(oldest).hashProbe(oldest))
        .matches("-?\\d+(,-?\\d+){4}");
  }

  @Test
  void everyDatabaseFindsTheBucketThatJavaDoes() throws SQLException {
    JavaHash java = new JavaHash(new Shape(false, false, false, List.of()));
    for (long rows : new long[] {0, 1_000_000, 5_000_000, Integer.MAX_VALUE}) {
      Buckets buckets = Buckets.forRows(rows);
      List<Long> expected =
          texts.stream()
              .map(text -> (long) buckets.of(java.ofKey(new ItemKey(text, "", ""))))
              .toList();
      assertThat(expected).allMatch(it -> it >= 0 && it < buckets.count());
      for (Connection connection : connections) {
        ServerSql server = ServerSql.of(connection);
        assertThat(
                evaluate(
                    connection,
                    x -> server.bucket(server.hash(HashKind.DIGEST, x, 0), buckets.shift())))
            .isEqualTo(expected);
      }
    }
  }

  @Test
  void everyDatabaseReadsTheMaskOfBuckets() throws SQLException {
    Buckets buckets = Buckets.forRows(0);
    BitSet set = new BitSet();
    set.set(0);
    set.set(9);
    set.set(buckets.count() - 1);
    for (Connection connection : connections) {
      ServerSql server = ServerSql.of(connection);
      String numbers =
          server instanceof H2Sql
              ? "SYSTEM_RANGE(0, 255) AS g (n)"
              : "generate_series(0, 255) AS g (n)";
      List<Integer> found = new ArrayList<>();
      try (PreparedStatement statement =
          connection.prepareStatement(
              "SELECT n FROM "
                  + numbers
                  + " WHERE "
                  + server.isIn("CAST(n AS INTEGER)")
                  + " ORDER BY n")) {
        statement.setBytes(1, buckets.mask(set));
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            found.add(row.getInt(1));
          }
        }
      }
      assertThat(found).containsExactly(0, 9, buckets.count() - 1);
    }
  }

  @Test
  void everyDatabaseSortsAsJavaDoes() throws SQLException {
    List<String> expected = new ArrayList<>(texts);
    expected.sort(Utf8Order::compare);
    for (Connection connection : connections) {
      ServerSql server = ServerSql.of(connection);
      try (PreparedStatement create =
          connection.prepareStatement("CREATE TABLE sorted (x VARCHAR(1000))")) {
        create.execute();
      }
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO sorted VALUES (?)")) {
        for (String text : texts) {
          insert.setString(1, text);
          insert.executeUpdate();
        }
      }
      List<String> found = new ArrayList<>();
      try (PreparedStatement select =
              connection.prepareStatement("SELECT x FROM sorted ORDER BY " + server.byBytes("x"));
          ResultSet row = select.executeQuery()) {
        while (row.next()) {
          found.add(row.getString(1));
        }
      }
      assertThat(found).isEqualTo(expected);
    }
  }

  @Test
  void growsTheNumberOfBucketsWithTheRows() {
    assertThat(Buckets.forRows(0).count()).isEqualTo(256);
    assertThat(Buckets.forRows(5_000_000).count()).isEqualTo(8_192);
    assertThat(Buckets.forRows(Long.MAX_VALUE).count()).isEqualTo(65_536);
  }
}
