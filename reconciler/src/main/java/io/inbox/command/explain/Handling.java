package io.inbox.command.explain;

import io.inbox.command.database.Query;
import io.inbox.command.output.Block;
import io.inbox.spi.Tables;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a key stands: handled, given up or unknown, and what that means for the next delivery. */
final class Handling {
  private final Key key;
  private final Instant now;
  private final Optional<Row> row;
  private final Optional<Consumer> consumer;
  private final Optional<Attempts> attempts;
  private final Optional<Duration> retention;

  private Handling(Query query, Tables tables, Unseen unseen, Key key) throws SQLException {
    this.key = key;
    this.now = query.now();
    this.row = row(query, tables, unseen).flatMap(found -> found);
    this.consumer = consumer(query, tables, unseen).flatMap(found -> found);
    this.attempts = attempts(query, tables, unseen).flatMap(found -> found);
    this.retention = retention(query, tables, unseen).flatMap(found -> found);
  }

  static Handling of(Query query, Tables tables, Unseen unseen, Key key) throws SQLException {
    return new Handling(query, tables, unseen, key);
  }

  // Locks: none. Index: the primary key.
  private Optional<Optional<Row>> row(Query query, Tables tables, Unseen unseen)
      throws SQLException {
    return unseen.ask(
        query,
        "message",
        () ->
            query.first(
                "SELECT \"handled_at\", \"message_time\", \"state\", \"fingerprint\", \"subject\", \"correlation_id\" FROM "
                    + tables.quoted("message")
                    + " WHERE \"state\" <> 2 AND "
                    + Key.IS,
                at ->
                    new Row(
                        at.time(1),
                        at.time(2),
                        at.number(3) != 0,
                        at.bytes(4) == null ? null : HexFormat.of().formatHex(at.bytes(4)),
                        new String[] {at.string(5), at.string(6)}),
                key.parts()));
  }

  // Locks: none. Index: the primary key.
  private Optional<Optional<Consumer>> consumer(Query query, Tables tables, Unseen unseen)
      throws SQLException {
    return unseen.ask(
        query,
        "consumer",
        () ->
            query.first(
                "SELECT \"dedupe_window_seconds\", \"purge_horizon\" FROM "
                    + tables.quoted("consumer")
                    + " WHERE \"consumer\" = ?",
                at -> new Consumer(Duration.ofSeconds(at.number(1)), at.time(2)),
                key.consumer()));
  }

  // Locks: none. Index: the primary key.
  private Optional<Optional<Attempts>> attempts(Query query, Tables tables, Unseen unseen)
      throws SQLException {
    return unseen.ask(
        query,
        "attempt",
        () ->
            query.first(
                "SELECT \"attempts\", \"first_failed_at\", \"last_failed_at\", \"last_error\" FROM "
                    + tables.quoted("attempt")
                    + " WHERE "
                    + Key.IS,
                at -> new Attempts(at.number(1), at.time(2), at.time(3), at.string(4)),
                key.parts()));
  }

  // Locks: none. Reads the whole table, which has a row for each decision.
  private Optional<Optional<Duration>> retention(Query query, Tables tables, Unseen unseen)
      throws SQLException {
    return unseen.ask(
        query,
        "retention",
        () ->
            query.first(
                "SELECT MAX(\"keep_seconds\") FROM "
                    + tables.quoted("retention")
                    + " WHERE \"consumer\" IN (?, '') AND (\"scope\" = 'CONSUMER' OR \"tenant\" = ?) HAVING COUNT(*) > 0",
                at -> Duration.ofSeconds(at.number(1)),
                key.consumer(),
                key.tenant()));
  }

  /** Adds what is known. */
  void show(Block block, @Nullable Instant messageTime) {
    Verdict verdict = verdict(messageTime);
    block
        .fact(
            "state",
            "state",
            row.map(known -> known.givenUp() ? "given up" : "handled").orElse("not known"))
        .fact("handledAt", "at", row.map(Row::handledAt).orElse(null))
        .fact("messageTime", "message time", row.map(Row::messageTime).orElse(null))
        .fact("subject", "subject", row.map(known -> known.text(0)).orElse(null))
        .fact("correlationId", "correlation id", row.map(known -> known.text(1)).orElse(null))
        .fact("fingerprint", "fingerprint", row.map(Row::fingerprint).orElse(null))
        .fact("keptUntil", "kept at least until", keptUntil())
        .fact("windowSeconds", "dedupe window", consumer.map(Consumer::window).orElse(null))
        .fact("purgeHorizon", "purge horizon", consumer.map(Consumer::horizon).orElse(null))
        .fact("attempts", "failed attempts", attempts.map(Attempts::count).orElse(null))
        .fact("firstFailedAt", "first failed", attempts.map(Attempts::first).orElse(null))
        .fact("lastFailedAt", "last failed", attempts.map(Attempts::last).orElse(null))
        .fact("lastError", "last error", attempts.map(Attempts::error).orElse(null))
        .fact("nextDelivery", "next delivery is", verdict.outcome())
        .fact("nextDeliveryBecause", "because", verdict.because());
  }

  private @Nullable Instant keptUntil() {
    if (row.isEmpty() || consumer.isEmpty()) {
      return null;
    }
    Duration window = consumer.get().window();
    Duration kept = retention.filter(longer -> longer.compareTo(window) > 0).orElse(window);
    return row.get().latest().plus(kept);
  }

  /** Says what the claim would find now; a delivery in flight cannot be seen from here. */
  private Verdict verdict(@Nullable Instant messageTime) {
    if (row.isPresent()) {
      return row.get().verdict();
    }
    if (consumer.isEmpty()) {
      return new Verdict(
          "First", "no row holds the key, and no consumer of that name has registered here");
    }
    Instant oldest = now.minus(consumer.get().window());
    @Nullable Instant horizon = consumer.get().horizon();
    if (messageTime != null && messageTime.isBefore(oldest)) {
      return new Verdict(
          "OutsideWindow", "TOO_OLD: no row holds the key, and its time lies before the window");
    }
    if (messageTime != null && horizon != null && messageTime.isBefore(horizon)) {
      return new Verdict(
          "OutsideWindow",
          "PURGED: no row holds the key, and its time lies before the purge horizon: the row may have been deleted");
    }
    Instant bound = horizon != null && horizon.isAfter(oldest) ? horizon : oldest;
    String tried = attempts.map(failed -> "; it is attempt " + (failed.count() + 1)).orElse("");
    return new Verdict(
        "First",
        "no row holds the key"
            + (messageTime == null
                ? "; if its message time lies before "
                    + io.inbox.command.output.Words.of(bound)
                    + " it is OutsideWindow instead"
                : ", and its time lies within the window")
            + tried);
  }

  /** The row of message; its texts are subject and correlation id. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Row(
      @Nullable Instant handledAt,
      @Nullable Instant messageTime,
      boolean givenUp,
      @Nullable String fingerprint,
      String[] texts) {
    @Nullable String text(int which) {
      return texts[which].isEmpty() ? null : texts[which];
    }

    Instant latest() {
      Instant handled = handledAt == null ? Instant.EPOCH : handledAt;
      return messageTime != null && messageTime.isAfter(handled) ? messageTime : handled;
    }

    Verdict verdict() {
      if (givenUp) {
        return new Verdict(
            "DeadLettered", "the key was given up: it is acknowledged and not handled");
      }
      return new Verdict(
          "Duplicate",
          "the key was handled"
              + (fingerprint == null ? "" : "; with another content it is a Mismatch"));
    }
  }

  /** The row of consumer. */
  private record Consumer(Duration window, @Nullable Instant horizon) {}

  /** The row of attempt. */
  private record Attempts(
      long count, @Nullable Instant first, @Nullable Instant last, String error) {}

  /** What the next delivery would be. */
  private record Verdict(String outcome, String because) {}
}
