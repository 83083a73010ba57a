package io.inbox.reconciler.internal.repair;

import io.inbox.Handler;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Transaction;
import io.inbox.error.UsageException;
import io.inbox.reconciler.RepairAction;
import io.inbox.reconciler.RepairOrder;
import io.inbox.reconciler.RepairResult;
import java.sql.Connection;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** Handles a dead letter again: the record is written by the handler's transaction. */
final class ReplayFix implements Fix {
  private final RepairAction.Replay replay;
  private final LetterRows letters;
  private final RepairRows repairs;
  private final RepairOrder order;

  ReplayFix(RepairAction.Replay replay, LetterRows letters, RepairRows repairs, RepairOrder order) {
    this.replay = replay;
    this.letters = letters;
    this.repairs = repairs;
    this.order = order;
  }

  /** Looks only; {@link #carryOut} does it in a transaction of its own. */
  @Override
  public Verdict on(Connection connection, Subject subject, boolean apply) throws Exception {
    Subject.Letter letter = Objects.requireNonNull(subject.letter());
    if (subject.kind().filter("EFFECT_WITHOUT_HANDLING"::equals).isPresent()
        && !order.insisting()) {
      return new Verdict.Refuse(
          "its effect is there: handling the letter doubles it (record it as handled, discard the letter; or insist)");
    }
    Optional<LetterRows.Known> known = letters.find(connection, letter.id());
    if (known.isEmpty() || !known.get().open()) {
      return new Verdict.Skip(known.map(LetterRows.Known::text).orElse(letter + " is gone"));
    }
    return new Verdict.Ready(known.get().text(), letter + " REPLAYED: handled");
  }

  /** Handles it; what its transaction finds out about the finding ends it. */
  RepairResult carryOut(Subject subject, Verdict.Ready ready) {
    Subject.Letter letter = Objects.requireNonNull(subject.letter());
    RepairAction.Consumer consumer = replay.consumers().apply(letter.consumer());
    if (!consumer.inbox().consumer().equals(letter.consumer())) {
      return new RepairResult.Refused(
          subject.item(),
          subject.about(),
          letter
              + " is of consumer "
              + letter.consumer()
              + ", the handler is of "
              + consumer.inbox().consumer());
    }
    Recording recording = new Recording(subject, ready, consumer.handlers());
    try {
      Outcome<Void> outcome =
          consumer
              .inbox()
              .deadLetters()
              .ofTenant(letter.tenant())
              .replay(letter.id(), RepairRows.reason(order), recording);
      return result(subject, ready, outcome, recording.repair);
    } catch (UsageException e) {
      if (e.code().equals("IBX-704") || e.code().equals("IBX-705")) { // ended in between
        return new RepairResult.Skipped(
            subject.item(), subject.about(), String.valueOf(e.getMessage()));
      }
      throw e;
    }
  }

  private static RepairResult result(
      Subject subject, Verdict.Ready ready, Outcome<Void> outcome, long repair) {
    if (outcome instanceof Outcome.Processed) {
      return new RepairResult.Repaired(
          subject.item(), subject.about(), repair, ready.before(), ready.after());
    }
    if (outcome instanceof Outcome.Duplicate) {
      return new RepairResult.Skipped(
          subject.item(), subject.about(), "its key was handled meanwhile: discard the letter");
    }
    if (outcome instanceof Outcome.Failed<Void> failed) {
      return failed.cause() instanceof NotDone notDone
          ? RepairRun.result(subject, notDone.verdict())
          : new RepairResult.Failed(
              subject.item(), subject.about(), String.valueOf(failed.cause()));
    }
    return new RepairResult.Failed(
        subject.item(), subject.about(), "another transaction holds its key (try again)");
  }

  /** The user's handler between the lock on the finding and the record. */
  private final class Recording implements Function<Message, Handler> {
    private final Subject subject;
    private final Verdict.Ready ready;
    private final Function<Message, Handler> handlers;
    private long repair;

    private Recording(Subject subject, Verdict.Ready ready, Function<Message, Handler> handlers) {
      this.subject = subject;
      this.ready = ready;
      this.handlers = handlers;
    }

    @Override
    public Handler apply(Message message) {
      Handler handler = handlers.apply(message);
      return tx -> handle(handler, tx);
    }

    private void handle(Handler handler, Transaction tx) throws Exception {
      if (subject.finding() != null) {
        repairs.open(tx.connection(), subject.finding(), true);
      }
      handler.handle(tx);
      repair = repairs.done(tx.connection(), subject, order, ready);
    }
  }
}
