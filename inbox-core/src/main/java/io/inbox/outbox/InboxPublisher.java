package io.inbox.outbox;

import io.inbox.Handler;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.error.ConfigurationException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Hands messages to inboxes of this process: module to module, without a broker, each effect once.
 *
 * <p>A message becomes one with the same id, tenant, headers and payload; its source is the topic,
 * its subject the key. It counts as sent when its outcome says acknowledge. Messages are handled
 * one after the other, each in a transaction of its own. Thread-safe.
 */
public final class InboxPublisher implements Publisher {
  private final Map<String, Route> routes;

  private InboxPublisher(Map<String, Route> routes) {
    this.routes = Map.copyOf(routes);
  }

  /** Starts a publisher without routes. */
  public static Builder builder() {
    return new Builder();
  }

  private record Route(Inbox inbox, Function<Message, Handler> handler) {}

  @Override
  public List<PublishResult> publish(List<OutboxMessage> batch) {
    List<PublishResult> results = new ArrayList<>(batch.size());
    Set<List<String>> stopped = new HashSet<>();
    for (OutboxMessage message : batch) {
      List<String> lane = JdbcPublisher.lane(message);
      PublishResult result = stopped.contains(lane) ? PublishResult.skipped() : handle(message);
      if (result.kind() != PublishResult.Kind.SENT) {
        stopped.add(lane);
      }
      results.add(result);
    }
    return results;
  }

  private PublishResult handle(OutboxMessage sent) {
    Route route = routes.get(sent.topic());
    if (route == null) {
      return PublishResult.rejected(
          "no inbox is routed for topic "
              + sent.topic()
              + ", only for "
              + routes.keySet()
              + " (add InboxPublisher.Builder.route)");
    }
    Message message =
        Message.builder(sent.id().toString())
            .source(sent.topic())
            .tenant(sent.tenant())
            .subject(sent.key().orElse(null))
            .correlationId(sent.correlationId().orElse(null))
            .headers(sent.headers())
            .payload(sent.hasPayload() ? sent.payload() : null)
            .build();
    Outcome<Void> outcome = route.inbox().process(message, route.handler().apply(message));
    if (outcome.acknowledge()) {
      return PublishResult.sent();
    }
    if (outcome instanceof Outcome.Failed<Void> failed
        && failed.reason().equals(Reason.HANDLER_FAILED)) {
      return PublishResult.failed(String.valueOf(failed.cause()));
    }
    return PublishResult.unavailable("the inbox answered " + outcome.getClass().getSimpleName());
  }

  @Override
  public void close() {
    // The inboxes belong to whoever made them.
  }

  /** Collects the routes. Not thread-safe. */
  public static final class Builder {
    private final Map<String, Route> routes = new HashMap<>();

    private Builder() {}

    /**
     * Routes a topic to an inbox, which is not closed with the publisher.
     *
     * @param handler makes the handler for a message
     * @throws ConfigurationException if the topic is routed already: two consumers of one topic are
     *     two relays' business, or one handler's
     */
    public Builder route(String topic, Inbox inbox, Function<Message, Handler> handler) {
      if (routes.putIfAbsent(topic, new Route(inbox, handler)) != null) {
        throw new ConfigurationException(
            "IBX-409", "topic " + topic + " is routed twice (let one handler do both)");
      }
      return this;
    }

    /** Returns the publisher. */
    public InboxPublisher build() {
      return new InboxPublisher(routes);
    }
  }
}
