package io.inbox.testkit;

import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.PublishResult;
import io.inbox.outbox.Publisher;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** A publisher that keeps the contract and fails as it is told. Messages go by their payloads. */
final class ScriptedPublisher implements Publisher {
  private final List<OutboxMessage> sent = new ArrayList<>();
  private final Map<String, Integer> failures = new HashMap<>();
  private final Set<String> rejected = new HashSet<>();
  private final Set<String> throwing = new HashSet<>();
  private final Map<String, Integer> unreachable = new HashMap<>();
  private String error = "scripted";
  private int throwForAll;
  private int results;
  private Step before = () -> {};

  /** What runs before a batch. */
  @FunctionalInterface
  interface Step {
    void run() throws Exception;
  }

  synchronized void fail(String payload, int times) {
    failures.put(payload, times);
  }

  /** Sets what failures and rejections say. */
  synchronized void because(String text) {
    error = text;
  }

  synchronized void reject(String payload) {
    rejected.add(payload);
  }

  synchronized void throwFor(String payload) {
    throwing.add(payload);
  }

  synchronized void throwForAll(int times) {
    throwForAll = times;
  }

  synchronized void unreachable(String topic, int times) {
    unreachable.put(topic, times);
  }

  synchronized void heal() {
    failures.clear();
    rejected.clear();
    throwing.clear();
  }

  void before(Step step) {
    before = step;
  }

  @Override
  public List<PublishResult> publish(List<OutboxMessage> batch) throws Exception {
    before.run();
    synchronized (this) {
      if (throwForAll-- > 0) {
        throw new IllegalStateException("scripted: nobody there");
      }
      List<PublishResult> answers = new ArrayList<>();
      for (OutboxMessage message : batch) {
        if (throwing.contains(text(message))) {
          throw new IllegalStateException("scripted: cannot encode");
        }
      }
      Set<String> stopped = new HashSet<>();
      for (OutboxMessage message : batch) {
        PublishResult answer =
            stopped.contains(lane(message)) ? PublishResult.skipped() : answer(message);
        if (answer.kind() != PublishResult.Kind.SENT) {
          stopped.add(lane(message));
        }
        answers.add(answer);
      }
      results++;
      notifyAll();
      return answers;
    }
  }

  private PublishResult answer(OutboxMessage message) {
    String text = text(message);
    if (unreachable.merge(message.topic(), -1, Integer::sum) >= 0) {
      return PublishResult.unavailable("scripted");
    }
    if (rejected.contains(text)) {
      return PublishResult.rejected(error);
    }
    if (failures.getOrDefault(text, 0) > 0) {
      failures.merge(text, -1, Integer::sum);
      return PublishResult.failed(error);
    }
    sent.add(message);
    return PublishResult.sent();
  }

  synchronized int results() {
    return results;
  }

  synchronized List<String> sent() {
    return OutboxTesting.payloads(sent);
  }

  synchronized List<String> sent(String key) {
    return OutboxTesting.payloads(
        sent.stream().filter(it -> it.key().orElse("").equals(key)).toList());
  }

  synchronized List<OutboxMessage> messages(String payload) {
    return sent.stream().filter(it -> text(it).equals(payload)).toList();
  }

  /** Waits until a message was sent. */
  synchronized void await(String payload) throws InterruptedException {
    long end = System.nanoTime() + OutboxTesting.SOON.toNanos();
    while (!sent().contains(payload)) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        throw new AssertionError(payload + " was not sent, but " + sent());
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }

  @Override
  public void close() {
    // Holds nothing.
  }

  private static String lane(OutboxMessage message) {
    return message.topic() + '\n' + message.key().orElse(message.id().toString());
  }

  private static String text(OutboxMessage message) {
    return new String(message.payload(), StandardCharsets.UTF_8);
  }
}
