package io.inbox.torture.worker;

import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Watermark;
import io.inbox.torture.plan.Lane;
import io.inbox.torture.plan.Sent;
import io.inbox.torture.wire.Answer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * By their positions. A lane is taken over at the first task of a term, however late that comes,
 * and again when somebody else has done so; what comes of an earlier term than the last is left.
 */
final class ByPosition implements Way {
  private static final int RETRY_MILLIS = 20;

  private final Inboxes inboxes;
  private final Booking booking;
  private final Map<Lane, Owned> owned = new HashMap<>();

  ByPosition(Inboxes inboxes, Booking booking) {
    this.inboxes = inboxes;
    this.booking = booking;
  }

  /** A watermark, and the term it was taken over in. */
  private record Owned(long term, Watermark watermark) {}

  @Override
  public List<Answer> handle(TaskRun run) {
    Lane lane = Lane.ofMessage(Sent.number(run.messages().get(0).payload()));
    @Nullable Watermark watermark = watermark(lane, run.term());
    if (watermark == null) {
      Answer late = new Answer(Answer.Kind.IN_FLIGHT, RETRY_MILLIS, "of an earlier term");
      return Collections.nCopies(run.messages().size(), late);
    }
    List<Watermark.Positioned> batch = new ArrayList<>();
    for (Message message : run.messages()) {
      batch.add(new Watermark.Positioned(position(message), message));
    }
    if (run.batch()) {
      return Outcomes.answers(
          watermark.processBatch(batch, (fresh, tx) -> booking.handle(run, fresh, tx)));
    }
    List<Outcome<Void>> outcomes = new ArrayList<>();
    for (Watermark.Positioned one : batch) {
      outcomes.add(
          watermark.process(
              one.position(),
              one.message(),
              tx -> booking.handle(run, List.of(one.message()), tx)));
    }
    return Outcomes.answers(outcomes);
  }

  private static long position(Message message) {
    return Lane.position(Sent.number(message.payload()));
  }

  private @Nullable Watermark watermark(Lane lane, long term) {
    synchronized (owned) {
      @Nullable Owned now = owned.get(lane);
      if (now != null && now.term > term) {
        return null;
      }
      if (now != null && now.term == term && !now.watermark.fenced()) {
        return now.watermark;
      }
    }
    Watermark taken =
        inboxes
            .of(lane.group().consumer())
            .takeOver(lane.group().tenant(), Lane.STREAM, lane.partition());
    synchronized (owned) {
      @Nullable Owned now = owned.get(lane);
      if (now == null || now.term <= term) {
        owned.put(lane, new Owned(term, taken));
      }
    }
    return taken;
  }
}
