package io.inbox.reconciler;

import static io.inbox.reconciler.Rows.DAY;
import static io.inbox.reconciler.Rows.OLD;
import static io.inbox.reconciler.Rows.WINDOW;
import static io.inbox.reconciler.Rows.YOUNG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.migrations.Database;
import io.inbox.migrations.InboxScripts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of the keys in buckets: those of consumer c, beside plain ones. */
class CollectorBucketsTest {
  /** Whole days that lie before window and margin, within them, and at present. */
  private static final Duration LONG_AGO = Duration.ofDays(17);

  private static final Duration LATELY = Duration.ofDays(10);

  @TempDir private Path folder;
  private Fixture database;
  private Rows rows;

  @BeforeEach
  void makeBuckets() throws Exception {
    database = Platform.POSTGRESQL_18.fresh();
    InboxScripts.of(Database.POSTGRESQL).render(folder);
    database.execute(script("roles.sql"), script("time-buckets.sql"));
    rows = new Rows(database);
    rows.consumer("c", WINDOW.multipliedBy(2));
    database.execute(
        "INSERT INTO inbox.bucket_consumer VALUES ('c', 'uuid-v7', false, 86400)",
        "SELECT inbox.bucket_ahead()",
        "UPDATE inbox.consumer SET dedupe_window_seconds = " + WINDOW.toSeconds());
  }

  @AfterEach
  void closeDatabase() {
    database.close();
  }

  private String script(String name) throws Exception {
    return Files.readString(folder.resolve(name));
  }

  private LocalDate day(Duration age) {
    return rows.before(age).atZoneSameInstant(ZoneOffset.UTC).toLocalDate();
  }

  /** A key in the bucket of one age that was handled at another. */
  private void key(String id, Duration bucket, Duration handled, int state) throws SQLException {
    database.insert(
        "INSERT INTO inbox.message (tenant, consumer, source, message_id, handled_at, state, bucket, subject)"
            + " VALUES ('', 'c', 's', ?, ?, ?, ?, 'about ' || ?)",
        id,
        rows.before(handled),
        state,
        day(bucket),
        id);
  }

  private List<String> where() throws SQLException {
    return database.column(
        "SELECT message_id || CASE bucket WHEN '-infinity' THEN ' plain' ELSE ' bucket' END FROM inbox.message ORDER BY 1");
  }

  private boolean isThere(Duration age) throws SQLException {
    return database.number("SELECT count(*) FROM inbox.bucket WHERE day = ?", day(age)) == 1
        && database.number(
                "SELECT count(*) FROM pg_inherits WHERE inhrelid = to_regclass(?)",
                "inbox.message_" + day(age).toString().replace("-", ""))
            == 1;
  }

  private Collector collector() {
    return Collector.builder(database.store, database.dataSource).build();
  }

  @Test
  void wholeBucketsGoAndTheirKeysAreCounted() throws Exception {
    key("gone", LONG_AGO, LONG_AGO, 0);
    key("gone too", LONG_AGO, LONG_AGO, 1);
    key("young", LATELY, LATELY, 0);
    rows.message("plain and old", OLD).message("plain and young", YOUNG);
    rows.result("gone").kept("gone", 1).kept("gone", 2).result("young");

    CollectorReport preview = collector().preview();
    CollectorReport report = CollectorTest.run(collector());

    assertThat(where()).containsExactly("plain and young plain", "young bucket");
    assertThat(isThere(LONG_AGO)).isFalse();
    assertThat(isThere(LATELY)).isTrue();
    assertThat(rows.left("result", "message_id")).containsExactly("young");
    assertThat(rows.left("outbox_kept", "handled_id")).isEmpty();
    assertThat(report.buckets()).contains(day(LONG_AGO)).doesNotContain(day(LATELY));
    assertThat(report.messages()).isEqualTo(3);
    assertThat(report.results()).isEqualTo(1);
    assertThat(report.keptCopies()).isEqualTo(2);
    assertThat(preview.total()).isEqualTo(report.total());
    assertThat(preview.buckets()).isEqualTo(report.buckets());
    assertThat(CollectorTest.run(collector()).buckets()).isEmpty();
  }

  @Test
  void whatMustStayLongerIsMovedAndNothingElse() throws Exception {
    for (String id : List.of("held", "opened", "late", "due", "shadow")) {
      key(id, LONG_AGO, id.equals("late") ? LATELY : LONG_AGO, id.equals("shadow") ? 2 : 0);
    }
    rows.letter("", "c", "opened", null);
    Holds.open(database.store, database.dataSource)
        .place(Hold.Scope.ofSubject("about held"), "law suit", "me");
    rows.result("held").result("due");

    CollectorReport report = CollectorTest.run(collector());

    assertThat(where()).containsExactly("held plain", "late plain", "opened plain");
    assertThat(isThere(LONG_AGO)).isFalse();
    assertThat(report.messages()).isEqualTo(1);
    assertThat(rows.left("result", "message_id")).containsExactly("held");
  }

  @Test
  void aTenantsRetentionKeepsItsKeys() throws Exception {
    key("kept", LONG_AGO, LONG_AGO, 0);
    Retention.open(database.store, database.dataSource)
        .keep(Retention.Rule.ofTenant("", OLD.multipliedBy(2)));
    CollectorTest.run(collector());
    assertThat(where()).containsExactly("kept plain");
  }

  @Test
  void noBucketGoesWithinTheLongestWindowOfTheConsumersThatHaveBuckets() throws Exception {
    key("still wanted", LONG_AGO, LONG_AGO, 0);
    rows.consumer("other", WINDOW.multipliedBy(2));
    database.execute("INSERT INTO inbox.bucket_consumer VALUES ('other', 'ulid', false, 86400)");
    assertThat(CollectorTest.run(collector()).buckets()).isEmpty();
    assertThat(where()).containsExactly("still wanted bucket");
  }

  /** Everybody who claims would queue behind it. */
  @Test
  void aDropGivesWayToTransactionsAndIsTriedAgain() throws Exception {
    key("gone", LONG_AGO, LONG_AGO, 0);
    try (Connection claiming = database.connect();
        Statement statement = claiming.createStatement()) {
      claiming.setAutoCommit(false);
      statement.execute(
          "INSERT INTO inbox.message (tenant, consumer, source, message_id) VALUES ('', 'c', 's', 'x')");
      CollectorReport report = CollectorTest.run(collector());
      assertThat(report.buckets()).isEmpty();
      assertThat(report.hinderedBatches()).isPositive();
      assertThat(report.remarks()).anyMatch(remark -> remark.contains("could not be dropped"));
      assertThat(where()).containsExactly("gone bucket");
      claiming.commit();
    }
    assertThat(CollectorTest.run(collector()).buckets()).contains(day(LONG_AGO));
  }

  /** A replay may write into a bucket that no claim lets anything into. */
  @Test
  void nothingIsWrittenIntoABucketBetweenTheLookAndTheDrop() throws Exception {
    key("gone", LONG_AGO, LONG_AGO, 0);
    try (Connection replaying = database.connect();
        Statement statement = replaying.createStatement()) {
      replaying.setAutoCommit(false);
      statement.execute(
          "INSERT INTO inbox.message (tenant, consumer, source, message_id, bucket) VALUES ('', 'c', 's', 'replayed', '"
              + day(LONG_AGO)
              + "')");
      assertThat(CollectorTest.run(collector()).buckets()).doesNotContain(day(LONG_AGO));
      replaying.commit();
    }
    try (Connection dropping = database.connect();
        Statement freeze = dropping.createStatement();
        Connection late = database.connect();
        Statement statement = late.createStatement()) {
      dropping.setAutoCommit(false);
      freeze.execute("SELECT inbox.bucket_freeze('" + day(LONG_AGO) + "')");
      statement.execute("SET lock_timeout = '50ms'");
      assertThatThrownBy(
              () ->
                  statement.execute(
                      "UPDATE inbox.message SET state = 0 WHERE bucket = '" + day(LONG_AGO) + "'"))
          .hasMessageContaining("lock timeout");
      dropping.rollback();
    }
    CollectorTest.run(collector());
    assertThat(where()).containsExactly("replayed plain");
  }

  @Test
  void aBucketThatCannotBeDroppedDoesNotKeepTheRestFromBeingCollected() throws Exception {
    key("stays", LONG_AGO, LONG_AGO, 0);
    rows.message("old", OLD);
    String partition = "inbox.message_" + day(LONG_AGO).toString().replace("-", "");
    database.execute("CREATE VIEW public.mine AS SELECT * FROM " + partition);
    CollectorReport report = CollectorTest.run(collector());
    assertThat(report.remarks()).anyMatch(remark -> remark.contains("other objects depend on it"));
    assertThat(where()).containsExactly("stays bucket");
  }

  @Test
  void theNextDaysAreMade() throws Exception {
    database.execute(
        "DROP TABLE inbox.message_" + day(DAY.negated()).toString().replace("-", ""),
        "DELETE FROM inbox.bucket WHERE day = '" + day(DAY.negated()) + "'");
    CollectorTest.run(collector());
    assertThat(isThere(DAY.negated())).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theCollectorsRoleIsEnoughAndGoesNoFurther(boolean rowLevelSecurity) throws Exception {
    if (rowLevelSecurity) {
      database.execute(script("row-level-security.sql"));
    }
    database.execute("CREATE ROLE gc_buckets LOGIN IN ROLE inbox_collector");
    try (HikariDataSource sweeper =
        Platform.pool(database.url.replace("user=postgres", "user=gc_buckets"), 2)) {
      key("gone", LONG_AGO, LONG_AGO, 0);
      key("late", LONG_AGO, LATELY, 0);
      key("young", LATELY, LATELY, 0);
      assertThat(CollectorTest.run(Collector.builder(database.store, sweeper).build()).buckets())
          .contains(day(LONG_AGO));
      assertThat(where()).containsExactly("late plain", "young bucket");
      try (Connection connection = sweeper.getConnection();
          Statement statement = connection.createStatement()) {
        for (String sql :
            List.of(
                "SELECT inbox.bucket_drop('" + day(LATELY) + "')",
                "SELECT inbox.bucket_drop('" + day(Duration.ZERO) + "')")) {
          assertThatThrownBy(() -> statement.execute(sql)).hasMessageContaining("within a window");
        }
        assertThatThrownBy(() -> statement.execute("DROP TABLE inbox.message_plain"))
            .hasMessageContaining("must be owner");
      }
    } finally {
      database.execute("DROP ROLE gc_buckets");
    }
  }
}
