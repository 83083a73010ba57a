package io.inbox.command.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.command.CommandException;
import io.inbox.jdbc.PortableStore;
import io.inbox.migrations.InboxMigrations;
import io.inbox.reconciler.BuiltInChecks;
import io.inbox.reconciler.JobResult;
import io.inbox.reconciler.ReconcileReport;
import io.inbox.reconciler.ReconcileReport.CheckReport;
import io.inbox.reconciler.Reconciler;
import io.inbox.reconciler.spi.Check;
import io.inbox.reconciler.spi.CheckRun;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the file of checks may say, and that every mistake in it is told with its place. */
final class ChecksFileTest {
  private static final Map<String, String> ENVIRONMENT = Map.of("LEDGER_PASSWORD", "secret");

  @TempDir private Path folder;

  private ChecksFile read(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("checks.yaml"), text);
    return ChecksFile.read(file, ENVIRONMENT, Set.of("overdrawn"));
  }

  private List<String> mistakes(String text) {
    try {
      read(text);
      return List.of();
    } catch (CommandException e) {
      return e.getMessage()
          .lines()
          .map(line -> line.substring(line.indexOf("checks.yaml")))
          .toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static final String CHECK =
      """
      checks:
        - name: bookings
          consumer: payments
          effects:
            query: SELECT id AS "key" FROM booking WHERE at >= :from AND at < :to
      """;

  @Test
  void theExampleInTheDocumentIsRight() throws IOException {
    String document = Files.readString(Path.of("..", "docs", "reconciler.md"));
    Matcher block = Pattern.compile("(?s)```yaml\n(.*?)```").matcher(document);
    int blocks = 0;
    while (block.find()) {
      ChecksFile file = read(block.group(1));
      assertThat(file.databases())
          .containsExactly(
              new OtherDatabase(
                  "ledger", "jdbc:postgresql://ledger.internal/books", "reader", "secret"));
      assertThat(file.databases().toString()).doesNotContain("secret");
      blocks++;
    }
    assertThat(blocks).isEqualTo(1);
  }

  @Test
  void takesAFileThatOnlyNamesChecks() {
    assertThat(mistakes(CHECK)).isEmpty();
    assertThat(mistakes("built-in: off\n" + CHECK)).isEmpty();
    assertThat(mistakes("settle: 5m\n")).isEmpty();
  }

  @Test
  void tellsEveryMistakeWithItsPlace() {
    assertThat(
            mistakes(
                """
                setle: 5m
                max-time: soon
                max-rows: 0
                built-in:
                  outbox-lagg: 5m
                  without: [schema, outboxes]
                databases:
                  ledger:
                    url: jdbc:oracle:thin
                    password-env: HUNTER2
                checks:
                  - name: bookings
                    consummer: payments
                    by: mesage-id
                    effects:
                      query: SELECT id AS "key" FROM booking
                      database: leger
                    sample: many
                    ignore: missing-effects
                  - name: Bookings
                    consumer: payments
                    effects: { query: "SELECT 1 WHERE :from < :to", file: none.csv }
                  - plugin: overdrown
                  - just text
                """))
        .containsExactly(
            "checks.yaml:1:1: unknown key setle; did you mean settle? (known are job, settle, max-time, max-rows, max-findings, every, lease, built-in, databases, checks)",
            "checks.yaml:2:11: max-time is soon, it must be a duration such as 500ms, 15s, 2m, 1h or 90d",
            "checks.yaml:3:11: max-rows is 0, it must be 1 to 9223372036854775807",
            "checks.yaml:5:3: unknown key outbox-lagg; did you mean outbox-lag? (known are dead-letter-age, outbox-lag, blocked-age, lease-grace, job-age, collector-lag, unfinished-age, transaction-age, redelivery-horizon, result-sample, without, redelivery-horizons)",
            "checks.yaml:6:21: without is outboxes, it must be schema or settings or transactions or jobs or leases or collector or windows or dead-letters or unfinished or outbox or results; did you mean outbox?",
            "checks.yaml:9:10: url must begin with jdbc:postgresql: or jdbc:h2:",
            "checks.yaml:10:19: password-env names a variable that is not set: it wants the name of the variable, not the password",
            "checks.yaml:12:5: consumer is missing",
            "checks.yaml:13:5: unknown key consummer; did you mean consumer? (known are plugin, name, consumer, by, effects, tenant, source, reach, from, to, slack, look-again-after, sample, same-sample, ignore)",
            "checks.yaml:14:9: by is mesage-id, it must be message-id or subject; did you mean message-id?",
            "checks.yaml:16:14: IBX-612: the query of the effects does not use :from: effects outlive the keys that the inbox remembers, so it must be bounded in time (add WHERE booked_at >= :from AND booked_at < :to, with the effect's own time)",
            "checks.yaml:17:17: there is no database leger; did you mean ledger? (describe it under databases)",
            "checks.yaml:18:13: sample is many, it must be a whole number",
            "checks.yaml:19:13: ignore must be a list, each line of it beginning with a dash",
            "checks.yaml:22:14: effects has query and file, it must have one of them",
            "checks.yaml:22:59: there is no file "
                + folder.resolve("none.csv").toAbsolutePath()
                + " that can be read",
            "checks.yaml:23:13: there is no check overdrown in the jars of --plugins; did you mean overdrawn? (there are overdrawn)",
            "checks.yaml:24:5: each of checks must have keys and values, such as \"name: payments\"");
  }

  @Test
  void tellsWhatACheckWouldRefuse() {
    assertThat(mistakes(CHECK.replace("name: bookings", "name: Bookings")))
        .singleElement()
        .satisfies(
            it ->
                assertThat(it).startsWith("checks.yaml:2:5: IBX-610: the name of a check must be"));
    assertThat(mistakes(CHECK + "    from: 2026-01-02T00:00:00Z\n    to: 2026-01-01T00:00:00Z\n"))
        .singleElement()
        .satisfies(it -> assertThat(it).contains("IBX-610: check bookings: begins at"));
    assertThat(mistakes(CHECK + CHECK.substring(CHECK.indexOf("  - name"))))
        .containsExactly("checks.yaml:6:11: two checks are named bookings");
    assertThat(mistakes("every: 0s\n"))
        .singleElement()
        .satisfies(it -> assertThat(it).startsWith("checks.yaml:1:8: IBX-711"));
  }

  @Test
  void tellsWhereItIsNoYaml() {
    assertThat(mistakes("checks:\n  - name: \"x\n"))
        .singleElement()
        .satisfies(it -> assertThat(it).matches("checks.yaml:\\d+:\\d+: this is no YAML: .*"));
    assertThat(mistakes("")).containsExactly("checks.yaml:1:1: the file is empty");
    assertThat(mistakes("settle: 1m\nsettle: 2m\n"))
        .containsExactly("checks.yaml:2:1: key settle is there twice");
    assertThat(mistakes("- a\n"))
        .containsExactly(
            "checks.yaml:1:1: the file must have keys and values, such as \"name: payments\"");
    assertThatThrownBy(() -> ChecksFile.read(folder.resolve("none.yaml"), Map.of(), Set.of()))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("none.yaml cannot be read");
  }

  @Test
  void refusesAPasswordInAnAddress() {
    assertThat(
            mistakes("databases:\n  ledger: { url: \"jdbc:postgresql://x/y?password=hunter2\" }\n"))
        .singleElement()
        .satisfies(it -> assertThat(it).contains("contains a password").doesNotContain("hunter2"));
  }

  @Test
  void setsUpAReconciler() throws IOException {
    DataSource inbox = database();
    DataSource ledger = database();
    Files.writeString(folder.resolve("sent.csv"), "key\n");
    ChecksFile file =
        read(
            """
            job: nightly
            built-in:
              without: [schema]
            databases:
              ledger: { url: "jdbc:h2:mem:x" }
              unused: { url: "jdbc:h2:mem:y" }
            checks:
              - name: in-another-database
                consumer: payments
                effects:
                  query: SELECT 'a' AS "key" WHERE CURRENT_TIMESTAMP BETWEEN :from AND :to
                  database: ledger
              - plugin: overdrawn
              - name: in-a-file
                consumer: payments
                effects: { file: sent.csv }
              - name: from-outside
                consumer: payments
                effects: { stdin: lines }
            """);
    assertThat(file.databases()).extracting(OtherDatabase::name).containsExactly("ledger");
    Reconciler reconciler =
        file.addTo(
                Reconciler.builder(PortableStore.create(), inbox),
                name -> ledger,
                new ByteArrayInputStream("a\n".getBytes(StandardCharsets.UTF_8)),
                Map.of("overdrawn", new Nothing()))
            .build();
    ReconcileReport report = ((JobResult.Done<ReconcileReport>) reconciler.run()).value();
    assertThat(report.checks())
        .extracting(CheckReport::check)
        .hasSize(BuiltInChecks.names().size() - 1 + 4)
        .endsWith("in-another-database", "overdrawn", "in-a-file", "from-outside");
    assertThat(report.checks().get(report.checks().size() - 1).failure())
        .hasValueSatisfying(it -> assertThat(it).contains("there is no consumer payments"));
  }

  private static DataSource database() {
    HikariDataSource database = new HikariDataSource();
    database.setJdbcUrl("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
    InboxMigrations.on(database).migrate();
    return database;
  }

  private static final class Nothing implements Check {
    @Override
    public String name() {
      return "overdrawn";
    }

    @Override
    public void run(CheckRun run) {}
  }
}
