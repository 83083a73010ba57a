package io.inbox.reconciler;

import static io.inbox.reconciler.Rows.DAY;
import static io.inbox.reconciler.Rows.OLD;
import static io.inbox.reconciler.Rows.WINDOW;
import static io.inbox.reconciler.Rows.YOUNG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.MessageKey;
import io.inbox.error.ConfigurationException;
import io.inbox.reconciler.JobResult.Done;
import io.inbox.reconciler.JobResult.HeldByAnother;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes and what stays. */
class CollectorTest {
  private static final Duration LONG_AGO = Duration.ofDays(91);
  private static final Duration LATELY = Duration.ofDays(89);

  static Collector collector(Fixture database) {
    return Collector.builder(database.store, database.dataSource).build();
  }

  static CollectorReport run(Collector collector) {
    JobResult<CollectorReport> result = collector.run();
    assertThat(result).isInstanceOf(Done.class);
    return ((Done<CollectorReport>) result).value();
  }

  @ParameterizedTest
  @EnumSource
  void aKeyGoesOnceHandlingAndMessageTimeLieBehindWindowAndMargin(Platform platform)
      throws Exception {
    try (Fixture database = platform.fresh()) {
      Rows rows = new Rows(database);
      rows.consumer("c", WINDOW)
          .message("old", OLD)
          .message("young", YOUNG)
          .message("new", Duration.ZERO)
          .messageOfTime("old of old", OLD, rows.before(OLD))
          .messageOfTime("old of young", OLD, rows.before(YOUNG))
          .messageOfTime("young of old", YOUNG, rows.before(OLD.multipliedBy(10)))
          .messageOfTime("old of the future", OLD, rows.before(DAY.negated()));

      CollectorReport report = run(collector(database));

      assertThat(rows.messages())
          .containsExactly("new", "old of the future", "old of young", "young", "young of old");
      assertThat(report.messages()).isEqualTo(2);
      assertThat(report.total()).isEqualTo(2);
      assertThat(report.stopped()).isEmpty();
      assertThat(report.isPreview()).isFalse();
      assertThat(report.consumers()).hasSize(1);
      assertThat(report.consumers().get(0).messages()).isEqualTo(2);
      assertThat(report.consumers().get(0).horizon())
          .isEqualTo(report.startedAt().minus(Duration.ofDays(15)))
          .isEqualTo(horizon(database, "c"));
      assertThat(run(collector(database)).total()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void resultsAndCopiesGoWithTheirKeys(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Rows rows = new Rows(database);
      rows.consumer("c", WINDOW).message("old", OLD).message("bare", OLD).message("young", YOUNG);
      rows.result("old").kept("old", 1).kept("old", 2).kept("old", 3);
      rows.result("young").kept("young", 1);

      CollectorReport report = run(collector(database));

      assertThat(rows.messages()).containsExactly("young");
      assertThat(rows.left("result", "message_id")).containsExactly("young");
      assertThat(rows.left("outbox_kept", "handled_id")).containsExactly("young");
      assertThat(report.messages()).isEqualTo(2);
      assertThat(report.results()).isEqualTo(1);
      assertThat(report.keptCopies()).isEqualTo(3);
    }
  }

  @ParameterizedTest
  @EnumSource
  void attemptsGoWhenTheirKeyIsGone(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Rows rows = new Rows(database);
      rows.consumer("c", WINDOW).message("old", OLD).message("young", YOUNG);
      rows.attempt("old", OLD).attempt("young", OLD).attempt("never handled", OLD);
      rows.attempt("failing still", YOUNG);

      CollectorReport report = run(collector(database));

      assertThat(rows.left("attempt", "message_id")).containsExactly("failing still", "young");
      assertThat(report.attempts()).isEqualTo(2);
      assertThat(report.consumers().get(0).attempts()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aKeyWithAnOpenDeadLetterStaysUntilItIsSettled(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Rows rows = new Rows(database);
      rows.consumer("c", WINDOW).message("open", OLD).message("settled", OLD).message("other", OLD);
      rows.letter("", "c", "open", null).letter("", "c", "open", DAY);
      rows.letter("", "c", "settled", DAY);
      rows.letter("another tenant", "c", "other", null).letter("", "another", "other", null);

      run(collector(database));
      assertThat(rows.messages()).containsExactly("open");

      database.execute(
          "UPDATE \"inbox\".\"dead_letter\" SET \"state\" = 'DISCARDED', \"resolved_at\" = CURRENT_TIMESTAMP");
      run(collector(database));
      assertThat(rows.messages()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void settledLettersAndResolvedFindingsGoAfterTheirTime(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Rows rows = new Rows(database);
      rows.letter("", "unregistered", "open", null)
          .letter("", "unregistered", "lately", LATELY)
          .letter("", "unregistered", "long ago", LONG_AGO);
      rows.outboxLetter("", "open", null)
          .outboxLetter("", "lately", LATELY)
          .outboxLetter("", "long ago", LONG_AGO);
      rows.finding("open", null).finding("lately", LATELY).finding("long ago", LONG_AGO);

      CollectorReport report = run(collector(database));

      assertThat(rows.left("dead_letter", "message_id")).containsExactly("lately", "open");
      assertThat(rows.left("outbox_dead_letter", "topic")).containsExactly("lately", "open");
      assertThat(rows.left("finding", "item")).containsExactly("lately", "open");
      assertThat(report.deadLetters()).isEqualTo(1);
      assertThat(report.outboxDeadLetters()).isEqualTo(1);
      assertThat(report.findings()).isEqualTo(1);

      CollectorReport sooner =
          run(
              Collector.builder(database.store, database.dataSource)
                  .keepDeadLetters(DAY)
                  .keepFindings(DAY)
                  .build());
      assertThat(sooner.total()).isEqualTo(3);
      assertThat(rows.left("dead_letter", "message_id")).containsExactly("open");
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsOnHoldStays(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Rows rows = new Rows(database);
      rows.consumer("c", WINDOW).consumer("d", WINDOW);
      for (String consumer : List.of("c", "d")) {
        for (String tenant : List.of("", "acme")) {
          for (String id : List.of("1", "2")) {
            rows.message(tenant, consumer, id, OLD);
            rows.attempt(tenant, consumer, "failed " + id, OLD);
            rows.letter(tenant, consumer, id, LONG_AGO);
          }
        }
        rows.outboxLetter("acme", consumer, LONG_AGO);
      }
      rows.finding("1", LONG_AGO);
      Holds holds = Holds.open(database.store, database.dataSource);
      Hold everything = holds.place(Hold.Scope.ofEverything(), "audit", "me");
      assertThat(run(collector(database)).total()).isZero();

      Hold acme = holds.place(Hold.Scope.ofTenant("acme"), "law suit", "me");
      Hold one = holds.place(Hold.Scope.of(new MessageKey("", "c", "s", "1")), "odd", "me");
      Hold about = holds.place(new Hold.Scope("d", null, null, null, "about 2"), "odd", "me", DAY);
      holds.place(new Hold.Scope("c", "", "another source", null, null), "no match", "me");
      Hold over = holds.place(Hold.Scope.ofConsumer("c"), "over", "me", Duration.ofNanos(1000));
      assertThat(holds.release(everything.id())).isTrue();
      assertThat(holds.release(everything.id())).isFalse();
      Fixture.await("a hold ends", () -> !holds.list().contains(over));

      CollectorReport report = run(collector(database));

      assertThat(keys(database, "message"))
          .containsExactly("acme/c/1", "acme/c/2", "acme/d/1", "acme/d/2", "/c/1", "/d/2");
      // An attempt has no subject, so only the tenant's are held.
      assertThat(keys(database, "attempt"))
          .containsExactly(
              "acme/c/failed 1", "acme/c/failed 2", "acme/d/failed 1", "acme/d/failed 2");
      // A letter of the same key is, if it has the parts that the hold names.
      assertThat(keys(database, "dead_letter"))
          .containsExactly("acme/c/1", "acme/c/2", "acme/d/1", "acme/d/2", "/c/1");
      assertThat(database.number("SELECT COUNT(*) FROM \"inbox\".\"outbox_dead_letter\""))
          .isEqualTo(2);
      assertThat(database.number("SELECT COUNT(*) FROM \"inbox\".\"finding\"")).isEqualTo(1);
      assertThat(report.messages()).isEqualTo(2);

      for (Hold hold : List.of(acme, one, about)) {
        assertThat(holds.release(hold.id())).isTrue();
      }
      run(collector(database));
      assertThat(keys(database, "message")).isEmpty();
      assertThat(holds.list()).hasSize(1);
      assertThat(holds.listAll()).hasSize(6);
    }
  }

  @ParameterizedTest
  @EnumSource
  void manyHoldsOfMessagesAndSubjectsEachHoldTheirOwn(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Rows rows = new Rows(database);
      rows.consumer("c", WINDOW).messages("m", 300, OLD);
      for (int i = 1; i <= 50; i++) {
        database.execute(
            ("INSERT INTO \"inbox\".\"hold\" (\"message_id\", \"reason\", \"placed_by\") VALUES ('m%d', 'r',"
                    + " 'me')")
                .formatted(i * 3),
            "INSERT INTO \"inbox\".\"hold\" (\"subject\", \"reason\", \"placed_by\") VALUES ('s%d', 'r', 'me')"
                .formatted(i * 5));
      }
      database.execute(
          "UPDATE \"inbox\".\"message\" SET \"subject\" = 's' || SUBSTRING(\"message_id\" FROM 2)");

      run(collector(database));

      List<String> expected = new ArrayList<>();
      for (int i = 1; i <= 300; i++) {
        if ((i % 3 == 0 && i <= 150) || (i % 5 == 0 && i <= 250)) {
          expected.add("m" + i);
        }
      }
      assertThat(rows.messages()).containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  @ParameterizedTest
  @EnumSource
  void retentionLengthensWhatTheWindowSaysAndNeverShortensIt(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Rows rows = new Rows(database);
      for (String consumer : List.of("c", "d", "e")) {
        rows.consumer(consumer, WINDOW);
        for (String tenant : List.of("", "acme")) {
          for (int days : List.of(14, 20, 40, 80)) {
            rows.message(tenant, consumer, days + "", Duration.ofDays(days));
            rows.attempt(tenant, consumer, "failed " + days, Duration.ofDays(days));
          }
        }
      }
      Retention retention = Retention.open(database.store, database.dataSource);
      retention.keep(Retention.Rule.ofConsumer("c", Duration.ofDays(999)));
      retention.keep(Retention.Rule.ofConsumer("c", Duration.ofDays(30)));
      retention.keep(Retention.Rule.ofConsumer("d", Duration.ofDays(2)));
      retention.keep(Retention.Rule.ofTenant("acme", Duration.ofDays(60)));
      retention.keep(new Retention.Rule("e", "", Duration.ofDays(25)));
      retention.keep(new Retention.Rule("e", "acme", Duration.ofDays(100)));
      assertThat(retention.list()).hasSize(5);

      CollectorReport preview = collector(database).preview();
      CollectorReport report = run(collector(database));

      String[] left = {
        "acme/c/14",
        "acme/c/20",
        "acme/c/40",
        "acme/d/14",
        "acme/d/20",
        "acme/d/40",
        "acme/e/14",
        "acme/e/20",
        "acme/e/40",
        "acme/e/80",
        "/c/14",
        "/c/20",
        "/d/14",
        "/e/14",
        "/e/20"
      };
      assertThat(keys(database, "message")).containsExactlyInAnyOrder(left);
      assertThat(keys(database, "attempt"))
          .containsExactlyInAnyOrder(
              java.util.Arrays.stream(left)
                  .map(key -> key.replaceFirst("/(\\d+)", "/failed $1"))
                  .toArray(String[]::new));
      assertThat(preview.total()).isEqualTo(report.total()).isEqualTo(18);
      assertThat(horizon(database, "c")).isEqualTo(report.startedAt().minus(Duration.ofDays(31)));
      assertThat(horizon(database, "d")).isEqualTo(report.startedAt().minus(Duration.ofDays(15)));

      assertThat(retention.forget(Retention.Rule.ofTenant("acme", DAY))).isTrue();
      assertThat(retention.forget(Retention.Rule.ofTenant("acme", DAY))).isFalse();
      retention.keep(Retention.Rule.ofEverything(Duration.ofDays(19)));
      run(collector(database));
      assertThat(keys(database, "message"))
          .containsExactlyInAnyOrder(
              "acme/c/14",
              "acme/c/20",
              "acme/d/14",
              "acme/e/14",
              "acme/e/20",
              "acme/e/40",
              "acme/e/80",
              "/c/14",
              "/c/20",
              "/d/14",
              "/e/14",
              "/e/20");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aConsumerThatIsNotRegisteredIsReportedAndLeftAlone(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Rows rows = new Rows(database);
      rows.consumer("c", WINDOW).message("old", OLD).message("", "unknown", "1", LONG_AGO);
      rows.message("acme", "unknown", "2", DAY).attempt("", "unknown", "3", LONG_AGO);

      CollectorReport preview = collector(database).preview();
      CollectorReport report = run(collector(database));

      assertThat(keys(database, "message"))
          .containsExactlyInAnyOrder("/unknown/1", "acme/unknown/2");
      assertThat(rows.left("attempt", "message_id")).containsExactly("3");
      assertThat(report.unregistered()).isEqualTo(Map.of("unknown", 2L));
      assertThat(preview.unregistered()).isEqualTo(Map.of("unknown", 2L));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPreviewCountsWhatARunRemovesAndWritesNothing(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Rows rows = new Rows(database);
      rows.consumer("c", WINDOW).mixed(700);
      rows.result("old-0-1").kept("old-0-1", 1).result("old-0-2").result("young-0-1");
      rows.attempt("gone", OLD).letter("", "c", "old-1-1", null).letter("", "c", "x", LONG_AGO);
      rows.outboxLetter("", "t", LONG_AGO).finding("1", LONG_AGO);
      Holds.open(database.store, database.dataSource)
          .place(Hold.Scope.of(new MessageKey("", "c", "s", "old-2-2")), "odd", "me");
      var before = rows.everything();

      CollectorReport preview = collector(database).preview();

      assertThat(rows.everything()).isEqualTo(before);
      assertThat(preview.isPreview()).isTrue();
      assertThat(preview.messages()).isEqualTo(698);
      assertThat(preview.results()).isEqualTo(2);
      assertThat(preview.keptCopies()).isEqualTo(1);
      assertThat(preview.attempts()).isEqualTo(1);
      assertThat(preview.deadLetters()).isEqualTo(1);
      assertThat(preview.outboxDeadLetters()).isEqualTo(1);
      assertThat(preview.findings()).isEqualTo(1);
      assertThat(preview.toString()).startsWith("would remove 698 keys, 2 results, 1 copies");

      CollectorReport report = run(collector(database));

      assertThat(report.total()).isEqualTo(preview.total());
      assertThat(report.messages()).isEqualTo(preview.messages());
      assertThat(report.results()).isEqualTo(preview.results());
      assertThat(report.keptCopies()).isEqualTo(preview.keptCopies());
      assertThat(rows.due()).isEqualTo(2);
      assertThat(rows.notDue()).isEqualTo(700);
      assertThat(collector(database).preview().total()).isZero();
    }
  }

  /** As after a step of the database's clock. */
  @ParameterizedTest
  @EnumSource
  void aHorizonNeverMovesBackwards(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Rows rows = new Rows(database);
      rows.consumer("c", WINDOW).message("old", OLD).message("young", YOUNG);
      database.execute(
          "UPDATE \"inbox\".\"consumer\" SET \"purge_horizon\" = CURRENT_TIMESTAMP - INTERVAL '1' DAY");
      Instant before = horizon(database, "c");

      run(collector(database));

      assertThat(horizon(database, "c")).isEqualTo(before);
      assertThat(rows.messages()).containsExactly("young");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBudgetOfRowsIsKeptAndTheNextRunGoesOn(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Rows rows = new Rows(database);
      rows.consumer("c", WINDOW).mixed(3_000).attempt("gone", OLD);
      Collector few =
          Collector.builder(database.store, database.dataSource)
              .maxRows(1)
              .batchTarget(Duration.ofMillis(5))
              .every(DAY)
              .build();

      CollectorReport first = run(few);
      assertThat(first.stopped().orElseThrow()).contains("budget of 1 rows");
      assertThat(first.messages()).isPositive().isLessThan(3_000);
      JobStatus job = database.jobs().status(Collector.JOB).orElseThrow();
      assertThat(job.outcome()).contains(JobStatus.Outcome.INCOMPLETE);
      assertThat(job.every()).contains(DAY);
      assertThat(job.detail().orElseThrow())
          .contains("budget of 1 rows")
          .contains("removed " + first.messages() + " keys");
      long removed = first.messages();
      while (database.jobs().status(Collector.JOB).orElseThrow().checkpoint().isPresent()) {
        removed += run(few).messages();
      }
      assertThat(removed).isEqualTo(3_000);
      assertThat(rows.due()).isZero();
      assertThat(rows.notDue()).isEqualTo(3_000);
      assertThat(rows.left("attempt", "message_id")).isEmpty();
      assertThat(database.jobs().status(Collector.JOB).orElseThrow().outcome())
          .contains(JobStatus.Outcome.SUCCEEDED);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBudgetOfTimeIsKept(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Rows rows = new Rows(database);
      rows.consumer("c", WINDOW).mixed(3_000);

      CollectorReport report =
          run(
              Collector.builder(database.store, database.dataSource)
                  .maxTime(Duration.ofMillis(1))
                  .build());

      assertThat(report.stopped().orElseThrow()).contains("budget of PT0.001S");
      run(collector(database));
      assertThat(rows.due()).isZero();
    }
  }

  /** A checkpoint of pages that mean something else by now must not hide rows for ever. */
  @ParameterizedTest
  @EnumSource
  void aCheckpointThatMeansNothingAnyMoreIsForgotten(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Rows rows = new Rows(database);
      rows.consumer("c", WINDOW).mixed(500);
      database.jobs().expect(Collector.JOB, DAY);
      for (String checkpoint : List.of("MESSAGE 1 99999999", "of another version", "LOST 1 1")) {
        database.execute("UPDATE \"inbox\".\"job\" SET \"checkpoint\" = '" + checkpoint + "'");
        rows.message(checkpoint, OLD);
        run(collector(database));
        assertThat(rows.due()).isZero();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void tellsItsProgressAndWhoIsCollecting(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Rows rows = new Rows(database);
      rows.consumer("c", WINDOW).mixed(300).attempt("gone", OLD);
      List<Collector.Progress> seen = new ArrayList<>();
      List<JobResult<CollectorReport>> second = new ArrayList<>();

      CollectorReport report =
          run(
              Collector.builder(database.store, database.dataSource)
                  .owner("first")
                  .progress(
                      progress -> {
                        if (seen.isEmpty()) {
                          second.add(collector(database).run());
                        }
                        seen.add(progress);
                      })
                  .build());

      assertThat(seen)
          .extracting(Collector.Progress::table)
          .startsWith("message")
          .contains("attempt");
      assertThat(seen)
          .allSatisfy(progress -> assertThat(progress.share()).isBetween(0.0, 1.0))
          .last()
          .satisfies(progress -> assertThat(progress.removed()).isEqualTo(report.total()));
      assertThat(second)
          .singleElement()
          .isInstanceOfSatisfying(
              HeldByAnother.class, held -> assertThat(held.owner()).isEqualTo("first"));
    }
  }

  @ParameterizedTest
  @EnumSource(names = "H2")
  void refusesOptionsThatMakeNoSense(Platform platform) {
    try (Fixture database = platform.fresh()) {
      Collector.Builder[] wrong = {
        builder(database).margin(Duration.ofMinutes(59)),
        builder(database).margin(null),
        builder(database).keepDeadLetters(Duration.ZERO),
        builder(database).keepFindings(Duration.ofDays(36_501)),
        builder(database).batchTarget(Duration.ofMillis(4)),
        builder(database).maxTime(Duration.ZERO),
        builder(database).maxRows(0),
        builder(database).lease(Duration.ofSeconds(1)),
        builder(database).progress(null)
      };
      for (Collector.Builder builder : wrong) {
        assertThatThrownBy(builder::build)
            .isInstanceOf(ConfigurationException.class)
            .hasMessageStartingWith("IBX-714");
      }
      assertThatThrownBy(() -> builder(database).every(Duration.ZERO).build().run())
          .hasMessageStartingWith("IBX-711");
      Holds holds = Holds.open(database.store, database.dataSource);
      assertThatThrownBy(() -> holds.place(Hold.Scope.ofEverything(), " ", "me"))
          .hasMessageStartingWith("IBX-703");
      assertThatThrownBy(() -> holds.place(Hold.Scope.ofEverything(), "r", "m\ne"))
          .hasMessageStartingWith("IBX-713");
      assertThatThrownBy(() -> holds.place(Hold.Scope.ofEverything(), "r", "me", Duration.ZERO))
          .hasMessageStartingWith("IBX-713");
      assertThatThrownBy(() -> Hold.Scope.ofTenant(null)).hasMessageStartingWith("IBX-713");
      assertThatThrownBy(() -> Hold.Scope.ofConsumer("")).hasMessageStartingWith("IBX-713");
      assertThatThrownBy(() -> Retention.Rule.ofTenant("t", Duration.ZERO))
          .hasMessageStartingWith("IBX-713");
    }
  }

  private static Collector.Builder builder(Fixture database) {
    return Collector.builder(database.store, database.dataSource);
  }

  private static List<String> keys(Fixture database, String table) throws SQLException {
    return database.column(
        "SELECT \"tenant\" || '/' || \"consumer\" || '/' || \"message_id\" FROM \"inbox\".\"%s\""
                .formatted(table)
            + " ORDER BY \"tenant\" DESC, \"consumer\", \"message_id\"");
  }

  static Instant horizon(Fixture database, String consumer) throws SQLException {
    try (var connection = database.connect();
        var statement =
            connection.prepareStatement(
                "SELECT \"purge_horizon\" FROM \"inbox\".\"consumer\" WHERE \"consumer\" = ?")) {
      statement.setString(1, consumer);
      try (var row = statement.executeQuery()) {
        row.next();
        return Objects.requireNonNull(row.getObject(1, java.time.OffsetDateTime.class)).toInstant();
      }
    }
  }
}
