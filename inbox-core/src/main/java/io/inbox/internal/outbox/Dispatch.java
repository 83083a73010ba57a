package io.inbox.internal.outbox;

import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.PublishResult;
import io.inbox.outbox.PublishResult.Kind;
import io.inbox.outbox.Publisher;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls the publisher and makes sense of what it answers or throws.
 *
 * <p>What it throws may be the fault of one message or of the destination. The messages are then
 * tried one by one: if any gets through, those that throw are at fault; if none does, the
 * destination is, and no attempt is counted. So an outage never uses up the attempts of a message,
 * and a message that makes the publisher throw stops its topic only while it is alone.
 *
 * <p>One thread publishes. It can be interrupted while it is in the publisher, and only then: no
 * interrupt is taken along to the database, where H2 would close its file for everybody.
 */
final class Dispatch {
  private static final Logger LOG = LoggerFactory.getLogger(Dispatch.class);

  /** How many messages may throw, with none getting through, before the destination is at fault. */
  private static final int THROWS = 3;

  private final Publisher publisher;
  private final Object gate = new Object();
  private @Nullable Thread publishing;
  private boolean cut;

  Dispatch(Publisher publisher) {
    this.publisher = publisher;
  }

  /** Returns one result for each message, in order. */
  List<PublishResult> publish(List<OutboxMessage> messages) {
    enter();
    try {
      return published(messages);
    } finally {
      leave();
    }
  }

  private void enter() {
    synchronized (gate) {
      publishing = Thread.currentThread();
      if (cut) {
        publishing.interrupt();
      }
    }
  }

  /** What the publisher was interrupted for, or has interrupted itself for, ends with it. */
  private void leave() {
    synchronized (gate) {
      publishing = null;
      if (Thread.interrupted()) {
        LOG.debug("The publisher was interrupted");
      }
    }
  }

  /** Interrupts the publisher, now and whenever it is called again. May be called by any thread. */
  void interrupt() {
    synchronized (gate) {
      cut = true;
      if (publishing != null) {
        publishing.interrupt();
      }
    }
  }

  private List<PublishResult> published(List<OutboxMessage> messages) {
    try {
      return call(messages);
    } catch (Throwable e) {
      survivable(e);
      LOG.warn("The publisher threw for a batch of {}: {}", messages.size(), describe(e), debug(e));
      return messages.size() == 1
          ? List.of(PublishResult.unavailable(describe(e)))
          : oneByOne(messages);
    }
  }

  private List<PublishResult> oneByOne(List<OutboxMessage> messages) {
    List<PublishResult> results = new ArrayList<>(messages.size());
    Set<String> stopped = new HashSet<>();
    boolean any = false;
    int thrown = 0;
    for (OutboxMessage message : messages) {
      String lane = Lane.of(message);
      PublishResult result;
      if (stopped.contains(lane)) {
        result = PublishResult.skipped();
      } else if (!any && thrown >= THROWS) {
        result = PublishResult.unavailable("the publisher threw for each message that was tried");
      } else {
        try {
          result = call(List.of(message)).get(0);
        } catch (Throwable e) {
          survivable(e);
          thrown++;
          result = PublishResult.failed(describe(e));
        }
      }
      any |= result.kind() == Kind.SENT;
      if (result.kind() != Kind.SENT) {
        stopped.add(lane);
      }
      results.add(result);
    }
    return any ? results : unavailable(results);
  }

  private static List<PublishResult> unavailable(List<PublishResult> results) {
    results.replaceAll(
        result ->
            result.kind() == Kind.FAILED
                ? PublishResult.unavailable(String.valueOf(result.error()))
                : result);
    return results;
  }

  private List<PublishResult> call(List<OutboxMessage> messages) throws Exception {
    List<PublishResult> results = publisher.publish(messages);
    // Not contains(null): a list that cannot hold null throws.
    if (results == null
        || results.size() != messages.size()
        || results.stream().anyMatch(Objects::isNull)) {
      throw new IllegalStateException(
          publisher.getClass().getName()
              + " returned "
              + (results == null ? "null" : results.size() + " results, some null perhaps,")
              + " for "
              + messages.size()
              + " messages (it must return one for each)");
    }
    return results;
  }

  /** Throws on what is no answer about a message: the cycle fails, and comes again. */
  private static void survivable(Throwable thrown) {
    if (thrown instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    if (thrown instanceof VirtualMachineError error && !(thrown instanceof StackOverflowError)) {
      throw error;
    }
  }

  private static String describe(Throwable thrown) {
    try {
      return String.valueOf(thrown);
    } catch (RuntimeException e) {
      return thrown.getClass().getName();
    }
  }

  /** The stack trace only where somebody looks for it: an outage brings it every second. */
  private static @Nullable Throwable debug(Throwable thrown) {
    return LOG.isDebugEnabled() ? thrown : null;
  }
}
