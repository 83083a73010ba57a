package io.inbox.torture.worker;

import io.inbox.Outcome;
import io.inbox.torture.wire.Answer;
import io.inbox.torture.wire.Answer.Kind;
import java.util.List;

/** Outcomes of the library as answers to the driver. */
final class Outcomes {
  private Outcomes() {}

  static List<Answer> answers(List<Outcome<Void>> outcomes) {
    return outcomes.stream().map(Outcomes::answer).toList();
  }

  private static Answer answer(Outcome<Void> outcome) {
    Answer answer = of(outcome);
    if (answer.kind().acknowledge() != outcome.acknowledge()) {
      throw new IllegalStateException("an outcome changed its mind: " + outcome);
    }
    return answer;
  }

  private static Answer of(Outcome<Void> outcome) {
    if (outcome instanceof Outcome.Processed<Void>) {
      return new Answer(Kind.PROCESSED, 0, "");
    }
    if (outcome instanceof Outcome.Duplicate<Void>) {
      return new Answer(Kind.DUPLICATE, 0, "");
    }
    if (outcome instanceof Outcome.Mismatch<Void>) {
      return new Answer(Kind.MISMATCH, 0, "");
    }
    if (outcome instanceof Outcome.OutsideWindow<Void> outside) {
      return new Answer(Kind.OUTSIDE_WINDOW, 0, outside.reason().toString());
    }
    if (outcome instanceof Outcome.DeadLettered<Void> dead) {
      return new Answer(Kind.DEAD_LETTERED, 0, dead.reason().toString());
    }
    if (outcome instanceof Outcome.InFlight<Void> busy) {
      return new Answer(Kind.IN_FLIGHT, busy.retryAfter().toMillis(), busy.reason().toString());
    }
    Outcome.Failed<Void> failed = (Outcome.Failed<Void>) outcome;
    return new Answer(
        Kind.FAILED,
        failed.retryAfter().toMillis(),
        failed.reason() + ": " + Worker.first(String.valueOf(failed.cause())));
  }
}
