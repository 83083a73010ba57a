package io.inbox.benchmarks;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The library, as a service would call it. */
final class InboxContender implements Contender {
  private final String label;
  private final Inbox inbox;
  private final int batch;
  private final boolean withTime;

  /** A batch of 1 stands for {@code process}. */
  InboxContender(String label, Inbox inbox, int batch, boolean withTime) {
    this.label = label;
    this.inbox = inbox;
    this.batch = batch;
    this.withTime = withTime;
  }

  @Override
  public String label() {
    return label;
  }

  @Override
  public int handle(Feed.Lane lane) {
    if (batch == 1) {
      Message message = message(lane, lane.id());
      expectProcessed(inbox.process(message, tx -> Books.credit(tx.connection(), lane.account())));
      return 1;
    }
    List<Message> messages = new ArrayList<>(batch);
    for (String id : lane.ids(batch)) {
      messages.add(message(lane, id));
    }
    List<Outcome<Void>> outcomes =
        inbox.processBatch(
            messages, (fresh, tx) -> Books.creditAll(tx.connection(), lane.accounts(fresh.size())));
    outcomes.forEach(InboxContender::expectProcessed);
    return outcomes.size();
  }

  private Message message(Feed.Lane lane, String id) {
    byte @Nullable [] payload = null;
    Message.Builder message = Message.builder(id).source(Feed.SOURCE).payload(payload);
    return (withTime ? message.time(lane.time()) : message).build();
  }

  private static void expectProcessed(Outcome<Void> outcome) {
    if (!(outcome instanceof Outcome.Processed)) {
      throw new IllegalStateException("a new message was not processed: " + outcome);
    }
  }
}
