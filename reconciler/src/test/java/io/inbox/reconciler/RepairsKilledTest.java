package io.inbox.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.DuplicatePolicy;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.outbox.OutboxMessage;
import io.inbox.testkit.PostgresServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A process that repairs is killed again and again, and each item is repaired once. */
@Tag("long")
@Timeout(600)
class RepairsKilledTest {
  private static final int ITEMS = 40;
  private static final int KILLS = 8;

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(names = {"H2", "POSTGRESQL_18"})
  void killedAtRandomAndRunAgain_itRepairsEachItemOnce(Platform platform) throws Exception {
    String url = url(platform);
    seed(url);
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int killed = 0;
    while (killed < KILLS && killedAfter(url, 1 + random.nextInt(60), random.nextInt(8_000_000))) {
      killed++;
    }
    assertThat(killed).as("seed " + seed + ": no run was killed on its way").isPositive();
    boolean again = killedAfter(url, Integer.MAX_VALUE, 0);
    assertThat(again).isFalse();

    assertThat(numbers(url, "SELECT COUNT(*) FROM \"inbox\".\"repair\"")).isEqualTo(3L * ITEMS);
    assertThat(numbers(url, "SELECT COUNT(DISTINCT \"finding_id\") FROM \"inbox\".\"repair\""))
        .isEqualTo(3L * ITEMS);
    assertThat(
            numbers(
                url, "SELECT COUNT(*) FROM \"inbox\".\"finding\" WHERE \"resolved_at\" IS NULL"))
        .isZero();
    assertThat(
            numbers(
                url,
                "SELECT COUNT(*) FROM \"inbox\".\"repair\" WHERE \"before\" IS NULL OR \"after\" IS NULL"
                    + " OR \"reason\" <> 'after the outage' OR \"done_by\" <> 'tester'"))
        .isZero();
    assertThat(numbers(url, handled("lost-%"))).isZero();
    assertThat(numbers(url, handled("unexplained-%"))).isEqualTo(ITEMS);
    assertThat(numbers(url, "SELECT COUNT(*) FROM \"inbox\".\"outbox\"")).isEqualTo(ITEMS);
    assertThat(numbers(url, "SELECT COUNT(DISTINCT \"message_id\") FROM \"inbox\".\"outbox\""))
        .isEqualTo(ITEMS);
  }

  private static String handled(String like) {
    return "SELECT COUNT(*) FROM \"inbox\".\"message\" WHERE \"message_id\" LIKE '" + like + "'";
  }

  private String url(Platform platform) {
    if (platform == Platform.H2) {
      return "jdbc:h2:file:" + folder.resolve("books").toAbsolutePath() + ";WRITE_DELAY=0";
    }
    PostgresServer server = PostgresServer.shared(PostgresServer.NEWEST);
    return server.url(server.newDatabase());
  }

  private static void seed(String url) throws SQLException {
    try (Ledger ledger = Ledger.at(url)) {
      Instant at = ledger.now().minus(Duration.ofHours(1));
      for (int i = 0; i < ITEMS; i++) {
        ledger.handled("lost-" + i, at);
        ledger.booked("unexplained-" + i, at);
      }
      PairCheck check =
          PairCheck.byMessageId("payments", Ledger.CONSUMER, Effects.select(Ledger.BY_ID)).build();
      Ledger.done(ledger.reconciler().withoutBuiltInChecks().check(check).build().run());
      try (Inbox inbox =
          Inbox.builder("shop", ledger.store(), ledger.pool())
              .allowReducedDurability()
              .onDuplicate(DuplicatePolicy.SEND_OUTBOX_AGAIN)
              .build()) {
        for (int i = 0; i < ITEMS; i++) {
          inbox.process(
              Message.of("order-" + i, null),
              tx -> tx.outbox().append(OutboxMessage.to("shipping").payload(new byte[8]).build()));
          ledger.update(
              "INSERT INTO \"inbox\".\"finding\" (\"digest\", \"check_name\", \"kind\", \"severity\", \"cause\","
                  + " \"tenant\", \"consumer\", \"source\", \"item\") VALUES (?, 'shipments', 'NOT_ARRIVED',"
                  + " 'ERROR', 'test', '', 'shop', '', ?)",
              ("order-" + i).getBytes(StandardCharsets.UTF_8),
              "order-" + i);
        }
      }
      ledger.execute("DELETE FROM \"inbox\".\"outbox\"");
    }
  }

  /** Runs a process and kills it a while after so many connections; returns whether it was. */
  private boolean killedAfter(String url, int connections, int nanos)
      throws IOException, InterruptedException {
    Path errors = Files.createTempFile(folder, "repair", ".err");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                RepairProcess.class.getName(),
                url)
            .redirectError(errors.toFile())
            .start();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (int i = 0; i < connections; i++) {
        String line = lines.readLine();
        if (line == null || line.equals("done")) {
          assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
          return false;
        }
      }
      LockSupport.parkNanos(nanos);
    } finally {
      process.destroyForcibly();
    }
    process.waitFor();
    return true;
  }

  private static long numbers(String url, String query) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }
}
