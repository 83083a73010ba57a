package io.inbox.testkit.fault;

import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.PublishResult;
import io.inbox.outbox.Publisher;
import io.inbox.testkit.fault.FaultPoints.Observer;
import java.util.List;

/** Reports when a relay publishes, and when it has not been told yet that it did. */
final class ObservedPublisher implements Publisher {
  private final Publisher publisher;
  private final Observer observer;

  ObservedPublisher(Publisher publisher, Observer observer) {
    this.publisher = publisher;
    this.observer = observer;
  }

  @Override
  public List<PublishResult> publish(List<OutboxMessage> batch) throws Exception {
    observer.reached(FaultPoint.R1_READ, null);
    List<PublishResult> results = publisher.publish(batch);
    observer.reached(FaultPoint.R2_SENT, null);
    return results;
  }

  @Override
  public void close() {
    publisher.close();
  }
}
