package io.inbox.reconciler.internal.repair;

import io.inbox.MessageKey;
import io.inbox.outbox.Outbox;
import io.inbox.outbox.OutboxMessage;
import io.inbox.reconciler.RepairOrder;
import io.inbox.reconciler.internal.database.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Puts messages into the outbox again. */
final class ReSendFix implements Fix {
  private final Database database;
  private final Outbox outbox;
  private final KeyRows rows;
  private final LetterRows letters;
  private final RepairRows repairs;
  private final EffectJudge judge;
  private final RepairOrder order;

  ReSendFix(Database database, Outbox outbox, EffectJudge judge, RepairOrder order) {
    this.database = database;
    this.outbox = outbox;
    this.rows = new KeyRows(database.tables());
    this.letters = new LetterRows(database.tables());
    this.repairs = new RepairRows(database.tables());
    this.judge = judge;
    this.order = order;
  }

  @Override
  public Verdict on(Connection connection, Subject subject, boolean apply) throws Exception {
    Subject.@Nullable Letter letter = subject.letter();
    return letter == null
        ? kept(connection, subject, Objects.requireNonNull(subject.key()), apply)
        : letter(connection, letter.id(), apply);
  }

  private Verdict letter(Connection connection, long id, boolean apply) throws SQLException {
    Optional<LetterRows.Unsent> found = letters.unsent(connection, id, apply);
    if (found.isEmpty() || !found.get().known().open()) {
      return new Verdict.Skip(
          found.map(it -> it.known().text()).orElse("outbox dead letter " + id + " is gone"));
    }
    if (apply) {
      outbox.on(connection).append(found.get().message());
      letters.requeued(connection, id, RepairRows.reason(order));
    }
    return new Verdict.Ready(
        found.get().known().text(), "in the outbox again as message " + found.get().message().id());
  }

  private Verdict kept(Connection connection, Subject subject, MessageKey key, boolean apply)
      throws Exception {
    if (apply && !rows.lock(connection, key)) {
      return new Verdict.Skip("the key is not known");
    }
    KeyState state = rows.state(connection, key);
    if (!state.isHandled()) {
      return new Verdict.Skip("the key was not handled: " + state.text());
    }
    if (subject.finding() == null && repairs.wasDone(connection, key, order)) {
      return new Verdict.Skip(
          "it was sent again for this reason already (say another one to send it once more)");
    }
    List<OutboxMessage> messages = letters.kept(connection, key);
    if (messages.isEmpty()) {
      return new Verdict.Refuse(
          "no copy of what it appended is kept (only consumers whose duplicates send it again keep any)");
    }
    Optional<EffectJudge.Known> known =
        judge.ask(subject, key, database.now(connection).toInstant());
    if (!order.insisting() && known.isPresent() && known.get().fault() == null) {
      return new Verdict.Skip("both sides agree about the key now");
    }
    if (apply) {
      messages.forEach(outbox.on(connection)::append);
    }
    return new Verdict.Ready(
        state.text(), KeyState.count(messages.size(), "message") + " in the outbox again");
  }
}
