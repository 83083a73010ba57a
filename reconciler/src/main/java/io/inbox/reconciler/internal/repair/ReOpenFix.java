package io.inbox.reconciler.internal.repair;

import io.inbox.MessageKey;
import io.inbox.reconciler.internal.database.Database;
import java.sql.Connection;
import java.util.Objects;
import java.util.Optional;

/** Forgets a key. */
final class ReOpenFix implements Fix {
  static final String MISSING = "HANDLED_WITHOUT_EFFECT";

  private final Database database;
  private final KeyRows rows;
  private final EffectJudge judge;
  private final boolean insisting;

  ReOpenFix(Database database, KeyRows rows, EffectJudge judge, boolean insisting) {
    this.database = database;
    this.rows = rows;
    this.judge = judge;
    this.insisting = insisting;
  }

  @Override
  public Verdict on(Connection connection, Subject subject, boolean apply) throws Exception {
    MessageKey key = Objects.requireNonNull(subject.key());
    if (subject.kind().isPresent() && !subject.kind().get().equals(MISSING) && !insisting) {
      return new Verdict.Refuse(
          "forgetting the key is for " + MISSING + ": here a redelivery would double the effect");
    }
    KeyState before = rows.state(connection, key);
    if (!before.isKnown()) {
      return new Verdict.Skip("the key is not known: a redelivery is handled");
    }
    if (apply && !rows.delete(connection, key, before)) {
      return new Verdict.Skip("the key was changed meanwhile");
    }
    // Looked for while the key is locked: no replay or redelivery makes up for it meanwhile.
    Optional<EffectJudge.Known> known =
        judge.ask(subject, key, database.now(connection).toInstant());
    int effects = known.map(EffectJudge.Known::effects).orElse(0);
    if (!insisting) {
      if (known.isEmpty()) {
        return new Verdict.Refuse(
            "whether its effect is there cannot be told: if it is, a redelivery doubles it (hand in the check, or insist)");
      }
      if (subject.finding() != null && known.get().fault() == null) {
        return new Verdict.Skip("both sides agree about the key now");
      }
      if (effects > 0) {
        return new Verdict.Refuse(
            "its effect is there ("
                + effects
                + "): once the key is forgotten, a redelivery doubles it (take the effect back first, or insist)");
      }
    }
    return new Verdict.Ready(
        before.text() + (effects > 0 ? "; its effect is there" : ""),
        "not known: a redelivery is handled");
  }
}
