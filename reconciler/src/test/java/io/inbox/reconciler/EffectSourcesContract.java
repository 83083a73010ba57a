package io.inbox.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.reconciler.ReconcileReport.CheckReport;
import io.inbox.reconciler.ReconcileReport.Ended;
import io.inbox.reconciler.spi.EffectSource;
import io.inbox.reconciler.spi.EffectStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Effects that are not in the inbox's database, whatever that is. */
@Timeout(300)
abstract class EffectSourcesContract {
  private static final int PAIRS = 2_000;

  @TempDir private Path folder;
  private Ledger ledger;
  private Ledger elsewhere;
  private Instant hourAgo;

  abstract Ledger open() throws SQLException;

  abstract Ledger openElsewhere() throws SQLException;

  @BeforeEach
  void prepare() throws SQLException {
    ledger = open();
    elsewhere = openElsewhere();
    hourAgo = ledger.now().minus(Duration.ofHours(1));
    ledger.clean(PAIRS, hourAgo);
    move();
    ledger.handled("lost", hourAgo);
    ledger.handled("twice", hourAgo);
  }

  /** The effects are elsewhere. */
  private void move() throws SQLException {
    try (Connection from = ledger.pool().getConnection();
        Statement select = from.createStatement();
        ResultSet row = select.executeQuery("SELECT message_id, account, booked_at FROM payment");
        Connection to = elsewhere.pool().getConnection();
        PreparedStatement insert =
            to.prepareStatement(
                "INSERT INTO payment (message_id, account, booked_at) VALUES (?, ?, ?)")) {
      while (row.next()) {
        insert.setString(1, row.getString(1));
        insert.setString(2, row.getString(2));
        insert.setObject(3, row.getObject(3, java.time.OffsetDateTime.class));
        insert.addBatch();
      }
      insert.executeBatch();
    }
    ledger.execute("DELETE FROM payment");
    elsewhere.booked("unexplained", hourAgo);
    elsewhere.booked("twice", hourAgo);
    elsewhere.booked("twice", hourAgo);
  }

  @AfterEach
  void close() {
    assertThat(ledger.pool().getHikariPoolMXBean().getActiveConnections()).isZero();
    assertThat(elsewhere.pool().getHikariPoolMXBean().getActiveConnections()).isZero();
    ledger.close();
    elsewhere.close();
  }

  private CheckReport run(PairCheck.Builder check) {
    Reconciler reconciler =
        ledger
            .reconciler()
            .withoutBuiltInChecks()
            .check(check.lookAgainAfter(Duration.ofMillis(1)).build())
            .build();
    CheckReport report = Ledger.done(reconciler.run()).checks().get(0);
    assertThat(report.failure()).isEmpty();
    assertThat(report.ended()).isEqualTo(Ended.COMPLETE);
    return report;
  }

  private static PairCheck.Builder byId(Effects effects) {
    return PairCheck.byMessageId("payments", Ledger.CONSUMER, effects)
        .slack(Duration.ofMinutes(10));
  }

  private void assertTheThree(CheckReport report) {
    assertThat(ledger.open("payments"))
        .containsExactly(
            "EFFECT_TWICE twice",
            "EFFECT_WITHOUT_HANDLING unexplained",
            "HANDLED_WITHOUT_EFFECT lost");
    assertThat(report.figures())
        .containsEntry("inbox_rows", PAIRS + 2L)
        .containsEntry("effect_rows", PAIRS + 3L)
        .containsEntry("suspects", 3L);
  }

  private List<String> rows(String separator, boolean times) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = elsewhere.pool().getConnection();
        Statement select = connection.createStatement();
        ResultSet row = select.executeQuery("SELECT message_id, account, booked_at FROM payment")) {
      while (row.next()) {
        String account = row.getString(2) == null ? "" : row.getString(2);
        rows.add(
            row.getString(1)
                + separator
                + account
                + (times ? separator + row.getObject(3, java.time.OffsetDateTime.class) : ""));
      }
    }
    return rows;
  }

  private Path file(String name, String header, List<String> rows) throws IOException {
    List<String> lines = new ArrayList<>();
    if (!header.isEmpty()) {
      lines.add(header);
    }
    lines.addAll(rows);
    return Files.write(folder.resolve(name), lines, StandardCharsets.UTF_8);
  }

  @Test
  void comparesWithAnotherDatabase() {
    assertTheThree(run(byId(Effects.select(elsewhere.pool(), Ledger.BY_ID))));
    CheckReport again = run(byId(Effects.select(elsewhere.pool(), Ledger.BY_ID)));
    assertThat(again.stillOpen()).isEqualTo(3);
  }

  @Test
  void comparesValuesWithAnotherDatabase() throws SQLException {
    ledger.handled("", "", "wrong", "acc-1", hourAgo);
    elsewhere.booked("wrong", "acc-2", hourAgo);
    run(
        byId(
            Effects.select(
                elsewhere.pool(),
                "SELECT message_id AS \"key\", account AS subject FROM payment WHERE booked_at >="
                    + " :from AND booked_at < :to")));
    assertThat(ledger.open("payments")).contains("VALUE_DRIFT wrong").hasSize(4);
  }

  @Test
  void comparesWithAFileOfTimes() throws Exception {
    Path file = file("effects.csv", "key,subject,time", rows(",", true));
    CheckReport report = run(byId(Effects.file(file)));
    assertTheThree(report);
    Files.writeString(file, Files.readString(file) + "lost,," + hourAgo + System.lineSeparator());
    assertThat(run(byId(Effects.file(file))).resolved()).isEqualTo(1);
    assertThat(ledger.open("payments")).hasSize(2);
  }

  @Test
  void comparesWithAFileOfLines() throws Exception {
    List<String> keys = rows("\t", false).stream().map(it -> it.split("\t", -1)[0]).toList();
    assertTheThree(run(byId(Effects.file(file("effects.txt", "", keys)))));
  }

  @Test
  void comparesWithTabs() throws Exception {
    assertTheThree(run(byId(Effects.file(file("effects.tsv", "key\tsubject", rows("\t", false))))));
  }

  @Test
  void comparesWithAStream() throws Exception {
    byte[] csv =
        ("\uFEFFkey,subject\r\n" + String.join("\r\n", rows(",", false)))
            .getBytes(StandardCharsets.UTF_8);
    assertTheThree(run(byId(Effects.csv("standard input", new ByteArrayInputStream(csv)))));
  }

  @Test
  void doesNotJudgeWhatWasHandledCloseToTheBoundsOfAFile() throws Exception {
    ledger.handled("at-the-edge", ledger.now().minus(Duration.ofMinutes(5)));
    List<String> keys = rows("\t", false).stream().map(it -> it.split("\t", -1)[0]).toList();
    Path file = file("effects.txt", "", keys);
    CheckReport report = run(byId(Effects.file(file)));
    assertThat(ledger.open("payments"))
        .hasSize(3)
        .doesNotContain("HANDLED_WITHOUT_EFFECT at-the-edge");
    assertThat(report.figures()).containsEntry("suspects_cleared", 1L);
  }

  @Test
  void leavesFindingsOpenThatAFileOfOtherDaysDoesNotName() throws Exception {
    List<String> keys = rows("\t", false).stream().map(it -> it.split("\t", -1)[0]).toList();
    run(byId(Effects.file(file("effects.txt", "", keys))));
    Path other = file("other.txt", "", List.of());
    run(byId(Effects.file(other)).from(ledger.now().minus(Duration.ofMinutes(10))));
    assertThat(ledger.open("payments")).hasSize(3);
    ledger.handled("unexplained", hourAgo);
    run(byId(Effects.file(other)).from(ledger.now().minus(Duration.ofMinutes(10))));
    assertThat(ledger.open("payments"))
        .containsExactly("EFFECT_TWICE twice", "HANDLED_WITHOUT_EFFECT lost");
  }

  @Test
  void comparesSubjectsWithASource() throws Exception {
    run(PairCheck.bySubject("payments", Ledger.CONSUMER, Effects.from(new Accounts())));
    assertThat(ledger.open("payments")).isEmpty();
    ledger.handled("", "", "m", "account-without", hourAgo);
    run(PairCheck.bySubject("payments", Ledger.CONSUMER, Effects.from(new Accounts())));
    assertThat(ledger.open("payments")).containsExactly("HANDLED_WITHOUT_EFFECT account-without");
  }

  /** Each account twice, in no order. */
  private final class Accounts implements EffectSource {
    @Override
    public String name() {
      return "accounts";
    }

    @Override
    public List<String> columns() {
      return List.of("key");
    }

    @Override
    public boolean canLookFurther() {
      return true;
    }

    @Override
    public EffectStream open(Instant from, Instant to) throws SQLException {
      List<String> accounts =
          new ArrayList<>(
              rows(" ", false).stream()
                  .map(it -> it.split(" ", -1)[1])
                  .filter(it -> !it.isEmpty())
                  .toList());
      accounts.addAll(List.copyOf(accounts));
      Iterator<String> iterator = accounts.iterator();
      return new EffectStream() {
        @Override
        public @Nullable List<@Nullable String> next() {
          return iterator.hasNext() ? List.of(iterator.next()) : null;
        }

        @Override
        public void close() {}
      };
    }
  }
}
