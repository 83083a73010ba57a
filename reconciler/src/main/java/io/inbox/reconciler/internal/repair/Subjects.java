package io.inbox.reconciler.internal.repair;

import io.inbox.MessageKey;
import io.inbox.reconciler.Finding;
import io.inbox.reconciler.RepairAction;
import io.inbox.reconciler.RepairItem;
import io.inbox.reconciler.internal.findings.FindingRows;
import io.inbox.spi.Tables;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Says what an item is about, for an action. */
final class Subjects {
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

  private final FindingRows findings;
  private final KeyFinder keys;
  private final LetterRows letters;
  private final RepairAction action;
  private final EffectJudge judge;

  Subjects(Tables tables, RepairAction action, EffectJudge judge) {
    this.findings = new FindingRows(tables);
    this.keys = new KeyFinder(tables);
    this.letters = new LetterRows(tables);
    this.action = action;
    this.judge = judge;
  }

  /**
   * Returns what an item is about.
   *
   * @throws NotDone if the action is none for it
   */
  Subject of(Connection connection, RepairItem item) throws SQLException {
    if (item instanceof RepairItem.OfKey named) {
      if (action instanceof RepairAction.Replay) {
        return letter(
            new Subject(item, null, named.key(), null), openLetter(connection, named.key()));
      }
      return new Subject(item, null, named.key(), null);
    }
    if (item instanceof RepairItem.OfLetter named) {
      return letter(new Subject(item, null, null, null), inboxLetter(connection, named.id()));
    }
    if (item instanceof RepairItem.OfOutboxLetter named) {
      return letter(new Subject(item, null, null, null), outboxLetter(connection, named.id()));
    }
    RepairItem.OfFinding named = (RepairItem.OfFinding) item;
    Finding finding =
        findings
            .find(connection, named.id())
            .orElseThrow(
                () -> refused("there is no finding " + named.id() + " (list the open ones)"));
    return of(connection, new Subject(item, finding, null, null), finding);
  }

  private Subject of(Connection connection, Subject about, Finding finding) throws SQLException {
    if (finding.state() != Finding.State.OPEN) {
      return about; // whatever it was about, it is over; said when it is locked
    }
    boolean letterId = NUMBER.matcher(finding.item()).matches() && !isOfPairs(finding);
    if (letterId && action instanceof RepairAction.Replay && finding.consumer().isPresent()) {
      return letter(about, inboxLetter(connection, Long.parseLong(finding.item())));
    }
    if (letterId && action instanceof RepairAction.ReSend && finding.consumer().isEmpty()) {
      return letter(about, outboxLetter(connection, Long.parseLong(finding.item())));
    }
    if (judge.isBySubject(about)) {
      throw refused(
          "finding "
              + finding.id()
              + " is about a subject, which may have many messages (name the key itself)");
    }
    MessageKey key = keys.find(connection, finding);
    Subject ofKey = new Subject(about.item(), finding, key, null);
    return action instanceof RepairAction.Replay
        ? letter(ofKey, openLetter(connection, key))
        : ofKey;
  }

  /** The kinds of pair checks, whose item is a key; a message id may be a number. */
  private static boolean isOfPairs(Finding finding) {
    return switch (finding.kind()) {
      case "HANDLED_WITHOUT_EFFECT", "EFFECT_WITHOUT_HANDLING", "EFFECT_TWICE", "VALUE_DRIFT" ->
          true;
      default -> false;
    };
  }

  private Subject letter(Subject about, Subject.Letter letter) {
    boolean fits =
        letter.outbox()
            ? action instanceof RepairAction.ReSend
            : action instanceof RepairAction.Replay;
    if (!fits) {
      throw refused(
          action.code()
              + " is not for "
              + letter
              + (letter.outbox() ? " (send it again)" : " (replay it)"));
    }
    return new Subject(about.item(), about.finding(), about.key(), letter);
  }

  private Subject.Letter inboxLetter(Connection connection, long id) throws SQLException {
    return letters
        .find(connection, id)
        .map(LetterRows.Known::letter)
        .orElseThrow(() -> refused("there is no dead letter " + id));
  }

  private Subject.Letter outboxLetter(Connection connection, long id) throws SQLException {
    Optional<LetterRows.Unsent> found = letters.unsent(connection, id, false);
    return found
        .map(unsent -> unsent.known().letter())
        .orElseThrow(() -> refused("there is no outbox dead letter " + id));
  }

  private Subject.Letter openLetter(Connection connection, MessageKey key) throws SQLException {
    List<LetterRows.Known> open = letters.open(connection, key);
    if (open.size() != 1) {
      throw open.isEmpty()
          ? new NotDone(new Verdict.Skip(key + " has no open dead letter"))
          : refused(key + " has " + open.size() + " open dead letters (name one)");
    }
    return open.get(0).letter();
  }

  private static NotDone refused(String why) {
    return new NotDone(new Verdict.Refuse(why));
  }
}
