package io.inbox.reconciler.internal.repair;

import io.inbox.MessageKey;
import io.inbox.reconciler.internal.database.Database;
import io.inbox.spi.Records;
import java.sql.Connection;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Records a key as handled. */
final class BackfillFix implements Fix {
  private static final String UNEXPLAINED = "EFFECT_WITHOUT_HANDLING";

  private final Database database;
  private final KeyRows rows;
  private final BucketKeys buckets;
  private final EffectJudge judge;
  private final boolean insisting;

  BackfillFix(Database database, KeyRows rows, EffectJudge judge, boolean insisting) {
    this.database = database;
    this.rows = rows;
    this.buckets = new BucketKeys(database);
    this.judge = judge;
    this.insisting = insisting;
  }

  @Override
  public Verdict on(Connection connection, Subject subject, boolean apply) throws Exception {
    MessageKey key = Objects.requireNonNull(subject.key());
    if (subject.kind().isPresent() && !subject.kind().get().equals(UNEXPLAINED) && !insisting) {
      return new Verdict.Refuse(
          "recording a key as handled is for "
              + UNEXPLAINED
              + ": here nobody would make up for what is missing");
    }
    KeyState before = rows.state(connection, key);
    if (before.isHandled()) {
      return new Verdict.Skip("the key was handled at " + before.at());
    }
    Optional<BucketKeys.Kind> kind =
        before.isKnown() ? Optional.empty() : buckets.kind(connection, key.consumer());
    Optional<String> obstacle = kind.flatMap(it -> buckets.obstacle(it, key));
    if (obstacle.isPresent()) {
      return new Verdict.Refuse(obstacle.get());
    }
    Instant now = database.now(connection).toInstant();
    if (apply) {
      Records records = database.store().records();
      if (before.isKnown()) {
        records.markHandled(connection, key, null, null);
      } else if ((kind.isPresent()
              ? buckets.record(connection, kind.get(), key, now)
              : records.backfill(connection, Map.of(key, now)))
          == 0) {
        return new Verdict.Skip("the key was handled meanwhile");
      }
    }
    // Looked for while the key is taken: no delivery is handled meanwhile.
    Optional<EffectJudge.Known> known = judge.ask(subject, key, now);
    if (!insisting) {
      if (known.isEmpty()) {
        return new Verdict.Refuse(
            "whether its effect is there cannot be told: if it is not, the message is lost (hand in the check, or insist)");
      }
      if (known.get().effects() == 0) {
        return new Verdict.Refuse(
            "there is no effect: recorded as handled, the message is lost (let it be delivered, or insist)");
      }
    }
    if (apply && known.isPresent()) {
      // Else the next run of the check would find that they differ.
      rows.describe(
          connection,
          key,
          known.get().values().get("subject"),
          known.get().values().get("correlation_id"));
    }
    return new Verdict.Ready(
        before.text(),
        "handled now: a redelivery is a duplicate"
            + (before.openLetters() > 0 ? "; its dead letter stays open: discard it" : ""));
  }
}
