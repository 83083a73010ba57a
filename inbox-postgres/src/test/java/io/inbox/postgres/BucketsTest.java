package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Backfill;
import io.inbox.Buckets;
import io.inbox.DeadLetter;
import io.inbox.DeadLetterQuery;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.error.ConfigurationException;
import io.inbox.error.InvalidMessageException;
import io.inbox.error.SchemaException;
import io.inbox.error.UsageException;
import io.inbox.testkit.PostgresServer;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** What is special about keys in buckets, beside the contract. */
class BucketsTest {
  private static PaymentsDatabase database;
  private static HikariDataSource pool;

  private String consumer = "";
  private @Nullable Inbox open;

  @BeforeAll
  static void makeBuckets() throws SQLException {
    database = PaymentsDatabase.on(PostgresServer.shared(PostgresServer.NEWEST));
    database.execute(BucketedDatabase.script("time-buckets.sql"));
    pool = database.pool(8);
  }

  @AfterAll
  static void closePool() {
    pool.close();
  }

  @BeforeEach
  void name(TestInfo test) {
    consumer = test.getTestMethod().orElseThrow().getName();
  }

  @AfterEach
  void closeInbox() {
    if (open != null) {
      open.close();
    }
  }

  private Inbox open(UnaryOperator<Inbox.Builder> options) {
    if (open != null) {
      open.close();
    }
    open = options.apply(PaymentsDatabase.inbox(consumer, pool)).build();
    return open;
  }

  static Message at(Instant time) {
    return PaymentsDatabase.message(uuid(time));
  }

  private static String uuid(Instant time) {
    UUID random = UUID.randomUUID();
    return new UUID(
            (time.toEpochMilli() << 16) | 0x7000 | (random.getMostSignificantBits() & 0xfff),
            random.getLeastSignificantBits())
        .toString();
  }

  private Outcome<Void> handle(Inbox inbox, Message message) {
    return inbox.process(message, PaymentsDatabase.applying(message));
  }

  private String partition(Message message) throws SQLException {
    return String.join(
        " ",
        database.rows(
            "SELECT tableoid::regclass::text || ' ' || state FROM inbox.message WHERE message_id = '"
                + message.id()
                + "' ORDER BY 1"));
  }

  private static String bucketOf(Instant time) {
    return "inbox.message_" + LocalDate.ofInstant(time, ZoneOffset.UTC).toString().replace("-", "");
  }

  @Test
  void aKeyIsKeptInTheBucketOfTheDayItCarries() throws Exception {
    Inbox inbox = open(it -> it.buckets(Buckets.byUuidV7()));
    for (Duration ago : List.of(Duration.ZERO, Duration.ofDays(3), Duration.ofHours(-20))) {
      Instant time = Instant.now().minus(ago);
      Message message = at(time);
      assertThat(handle(inbox, message)).isInstanceOf(Outcome.Processed.class);
      assertThat(handle(inbox, message)).isInstanceOf(Outcome.Duplicate.class);
      assertThat(partition(message)).isEqualTo(bucketOf(time) + " 0");
      assertThat(database.applied(message.id())).isOne();
    }
  }

  @Test
  void idsFromOutsideTheWindowAreOutcomesAndDeadLetters() {
    Inbox inbox = open(it -> it.buckets(Buckets.byUuidV7()).window(Duration.ofDays(7)));
    Message old = at(Instant.now().minus(Duration.ofDays(8)));
    Message ancient = at(Instant.EPOCH);
    Message ahead = at(Instant.now().plus(Duration.ofDays(2)));
    assertThat(reason(handle(inbox, old))).isEqualTo(Reason.TOO_OLD);
    assertThat(reason(handle(inbox, ancient))).isEqualTo(Reason.TOO_OLD);
    assertThat(reason(handle(inbox, ahead))).isEqualTo(Reason.TOO_FAR_AHEAD);
    assertThat(inbox.processBatch(List.of(old, ahead), (fresh, tx) -> {}))
        .allMatch(Outcome.OutsideWindow.class::isInstance);
    assertThat(inbox.deadLetters().list(DeadLetterQuery.first(9))).hasSize(3);
  }

  private static Reason reason(Outcome<Void> outcome) {
    return ((Outcome.OutsideWindow<Void>) outcome).reason();
  }

  @Test
  void whatWasTooOldIsReplayedOnceAndThenKnown() throws Exception {
    Inbox inbox = open(it -> it.buckets(Buckets.byUuidV7()).window(Duration.ofDays(7)));
    for (Duration ago : List.of(Duration.ofDays(8), Duration.ofDays(300), Duration.ofDays(-2))) {
      Message message = at(Instant.now().minus(ago));
      handle(inbox, message);
      DeadLetter letter = inbox.deadLetters().list(DeadLetterQuery.first(1)).get(0);
      assertThat(
              inbox.deadLetters().replay(letter.id(), "it is wanted", PaymentsDatabase::applying))
          .isInstanceOf(Outcome.Processed.class);
      assertThat(database.applied(message.id())).isOne();
      assertThat(handle(inbox, message)).isInstanceOf(Outcome.Duplicate.class);
    }
  }

  @Test
  void aKeyWithoutATimeIsRefusedAndHoldsNothingUp() {
    Inbox inbox = open(it -> it.buckets(Buckets.byUuidV7()));
    Message odd = PaymentsDatabase.message("order-1");
    assertThatThrownBy(() -> handle(inbox, odd))
        .isInstanceOf(InvalidMessageException.class)
        .hasMessageStartingWith("IBX-134")
        .hasMessageContaining("order-1")
        .hasMessageContaining("uuid-v7");
    List<Outcome<Void>> batch =
        inbox.processBatch(List.of(at(Instant.now()), odd, at(Instant.now())), (fresh, tx) -> {});
    assertThat(batch)
        .extracting(outcome -> outcome.getClass().getSimpleName())
        .containsExactly("Processed", "Failed", "Processed");
  }

  @Test
  void aFunctionThatThrowsIsNamedForItsMessageOnly() {
    Inbox inbox =
        open(
            it ->
                it.buckets(
                    Buckets.by("digits", m -> Instant.ofEpochMilli(Long.parseLong(m.id())))));
    Message good = PaymentsDatabase.message(String.valueOf(System.currentTimeMillis()));
    Message bad = PaymentsDatabase.message("x1");
    Message huge = PaymentsDatabase.message("999999999999999999");
    assertThat(inbox.processBatch(List.of(bad, good, huge), (fresh, tx) -> {}))
        .extracting(outcome -> outcome.getClass().getSimpleName())
        .containsExactly("Failed", "Processed", "Failed");
    assertThatThrownBy(() -> handle(inbox, bad))
        .hasMessageStartingWith("IBX-134")
        .hasMessageContaining("NumberFormatException");
  }

  @Test
  void aSchemaWithoutBucketsIsRefused() throws Exception {
    PaymentsDatabase plain = PaymentsDatabase.on(PostgresServer.shared(PostgresServer.NEWEST));
    try (HikariDataSource other = plain.pool(2)) {
      assertThatThrownBy(
              () -> PaymentsDatabase.inbox("payments", other).buckets(Buckets.byUlid()).build())
          .isInstanceOf(SchemaException.class)
          .hasMessageStartingWith("IBX-517")
          .hasMessageContaining("time-buckets.sql");
    }
  }

  /** Each of these would look for a key where another node did not put it. */
  @Test
  void anotherWayToKeepTheKeysIsRefused() {
    open(it -> it.buckets(Buckets.byUuidV7()));
    assertThatThrownBy(() -> open(it -> it))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("IBX-214");
    assertThatThrownBy(() -> open(it -> it.buckets(Buckets.byUlid())))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("IBX-214")
        .hasMessageContaining("uuid-v7");
    consumer = consumer + "-plain";
    open(it -> it);
    assertThatThrownBy(() -> open(it -> it.buckets(Buckets.byUuidV7())))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("IBX-214")
        .hasMessageContaining("moving()");
  }

  @Test
  void keysFromElsewhereAreRecordedBeforeTheMove() {
    Inbox plain = open(it -> it);
    Message known = at(Instant.now().minus(Duration.ofHours(1)));
    assertThat(
            plain
                .backfill()
                .record(List.of(Backfill.Handled.of(known.id(), Instant.now())).iterator()))
        .isOne();
    Inbox moving = open(it -> it.buckets(Buckets.byUuidV7().moving()));
    assertThatThrownBy(() -> moving.backfill().record(List.<Backfill.Handled>of().iterator()))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith("IBX-316");
    assertThat(handle(moving, known)).isInstanceOf(Outcome.Duplicate.class);
    Inbox moved = open(it -> it.buckets(Buckets.byUuidV7()));
    assertThat(handle(moved, known)).isInstanceOf(Outcome.Duplicate.class);
    assertThat(moved.processBatch(List.of(known), (fresh, tx) -> {}))
        .allMatch(Outcome.Duplicate.class::isInstance);
  }

  @Test
  void whatWasHandledInOneStepOfTheMoveIsKnownInTheNext() throws Exception {
    Message first = at(Instant.now());
    Message second = at(Instant.now());
    Message third = at(Instant.now());
    Inbox plain = open(it -> it);
    handle(plain, first);
    Inbox moving = open(it -> it.buckets(Buckets.byUuidV7().moving()));
    assertThat(handle(moving, first)).isInstanceOf(Outcome.Duplicate.class);
    assertThat(handle(moving, second)).isInstanceOf(Outcome.Processed.class);
    assertThat(partition(second)).isEqualTo(bucketOf(Instant.now()) + " 2 inbox.message_plain 0");
    Inbox moved = open(it -> it.buckets(Buckets.byUuidV7()));
    for (Message known : List.of(first, second)) {
      assertThat(handle(moved, known)).isInstanceOf(Outcome.Duplicate.class);
    }
    assertThat(handle(moved, third)).isInstanceOf(Outcome.Processed.class);
    assertThat(partition(third)).isEqualTo(bucketOf(Instant.now()) + " 0");
    // A node of the step before may come back late.
    Inbox late = open(it -> it.buckets(Buckets.byUuidV7().moving()));
    assertThat(handle(late, third)).isInstanceOf(Outcome.Duplicate.class);
    assertThatThrownBy(() -> open(it -> it)).hasMessageStartingWith("IBX-214");
    for (Message message : List.of(first, second, third)) {
      assertThat(database.applied(message.id())).isOne();
    }
  }

  @Test
  void aShadowWhosePlainRowIsGoneStillHoldsItsKey() throws Exception {
    Message message = at(Instant.now());
    handle(open(it -> it.buckets(Buckets.byUuidV7().moving())), message);
    database.execute("DELETE FROM inbox.message_plain WHERE message_id = '" + message.id() + "'");
    assertThat(handle(open(it -> it.buckets(Buckets.byUuidV7())), message))
        .isInstanceOf(Outcome.Duplicate.class);
  }

  @Test
  void aMissingBucketIsAnErrorThatLosesNothing() throws Exception {
    Inbox inbox = open(it -> it.buckets(Buckets.byUuidV7()));
    Instant time = Instant.now().minus(Duration.ofDays(2));
    Message message = at(time);
    database.execute(
        "DROP TABLE " + bucketOf(time),
        "DELETE FROM inbox.bucket WHERE day = '" + LocalDate.ofInstant(time, ZoneOffset.UTC) + "'");
    assertThatThrownBy(() -> handle(inbox, message))
        .isInstanceOf(SchemaException.class)
        .hasMessageStartingWith("IBX-518");
    Inbox again = open(it -> it.buckets(Buckets.byUuidV7()));
    assertThat(handle(again, message)).isInstanceOf(Outcome.Processed.class);
    assertThat(database.applied(message.id())).isOne();
  }

  /** The list of the days still has it. */
  @Test
  void aPartitionThatWasDroppedByHandIsMadeAgain() throws Exception {
    Inbox inbox = open(it -> it.buckets(Buckets.byUuidV7()));
    Instant time = Instant.now().minus(Duration.ofDays(4));
    Message message = at(time);
    database.execute("DROP TABLE " + bucketOf(time));
    assertThat(handle(inbox, message).acknowledge()).isFalse();
    Inbox again = open(it -> it.buckets(Buckets.byUuidV7()));
    assertThat(handle(again, message)).isInstanceOf(Outcome.Processed.class);
    assertThat(handle(again, message)).isInstanceOf(Outcome.Duplicate.class);
  }

  /** Its row is in no bucket, and must outlive the time of its key. */
  @Test
  void aReplayFromFarAheadIsKeptUntilItsKeyHasLeftTheWindow() throws Exception {
    Inbox inbox = open(it -> it.buckets(Buckets.byUuidV7()));
    Message message = at(Instant.now().plus(Duration.ofDays(40)));
    handle(inbox, message);
    DeadLetter letter = inbox.deadLetters().list(DeadLetterQuery.first(1)).get(0);
    inbox.deadLetters().replay(letter.id(), "it is wanted", PaymentsDatabase::applying);
    assertThat(
            database.number(
                "SELECT count(*) FROM inbox.message_plain WHERE message_time > now() + interval '39 days' AND message_id = '"
                    + message.id()
                    + "'"))
        .isOne();
  }

  /** So that the first step of a move can be taken back. */
  @Test
  void aNodeWithoutBucketsMayComeBackWhileItsConsumerMoves() {
    open(it -> it);
    open(it -> it.buckets(Buckets.byUuidV7().moving()));
    open(it -> it);
    open(it -> it.buckets(Buckets.byUuidV7()));
    assertThatThrownBy(() -> open(it -> it)).hasMessageStartingWith("IBX-214");
  }

  @Test
  void bucketsAreThereFromBeforeTheWindowToAWeekAhead() throws Exception {
    open(it -> it.buckets(Buckets.byUuidV7()).window(Duration.ofDays(30)));
    LocalDate today = LocalDate.now(ZoneOffset.UTC);
    assertThat(database.rows("SELECT day::text FROM inbox.bucket ORDER BY day"))
        .contains(today.minusDays(31).toString(), today.toString(), today.plusDays(8).toString());
  }
}
