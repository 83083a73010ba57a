package io.inbox.torture.worker;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.torture.wire.Answer;
import java.util.ArrayList;
import java.util.List;

/** By their keys, each in a call of its own, or all as a batch. */
class ByKey implements Way {
  private final Inboxes inboxes;
  private final Booking booking;

  ByKey(Inboxes inboxes, Booking booking) {
    this.inboxes = inboxes;
    this.booking = booking;
  }

  @Override
  public final List<Answer> handle(TaskRun run) {
    Inbox inbox = inboxes.of(run.consumer());
    if (run.batch()) {
      return Outcomes.answers(
          inbox.processBatch(run.messages(), (fresh, tx) -> booking.handle(run, fresh, tx)));
    }
    List<Outcome<Void>> outcomes = new ArrayList<>();
    for (Message message : run.messages()) {
      outcomes.add(one(inbox, run, message));
    }
    return Outcomes.answers(outcomes);
  }

  /** Handles one message in a call of its own. */
  Outcome<Void> one(Inbox inbox, TaskRun run, Message message) {
    return inbox.process(message, tx -> booking.handle(run, List.of(message), tx));
  }
}
