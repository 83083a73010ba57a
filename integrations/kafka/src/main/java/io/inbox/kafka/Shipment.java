package io.inbox.kafka;

import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.PublishResult;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One batch on its way.
 *
 * <p>Why nothing overtakes a message that failed: with one request in flight Kafka's sender thread
 * keeps all later records of a partition back until the earlier ones are answered, and it calls
 * {@link #answered} before it takes up the next request. The first error that comes back there
 * closes the producer with a timeout of zero, from within the callback, after which that thread
 * sends nothing any more. Errors that {@code send} itself reports, before a record was handed to
 * that thread, hold back the later messages of their topic and key only.
 */
final class Shipment {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaPublisher.class);
  private static final Object SENT = new Object();

  /** Kafka answers within its own timeout; this is for the case that it does not. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final Producer<byte[], byte[]> producer;
  private final List<OutboxMessage> batch;
  private final Function<OutboxMessage, String> topics;
  private final Limits limits;
  private final Thread caller = Thread.currentThread();

  /** By message: null while there is no answer, {@link #SENT}, or the error. */
  private final AtomicReferenceArray<@Nullable Object> answers;

  private final AtomicBoolean stopped = new AtomicBoolean();
  private final AtomicInteger culprit = new AtomicInteger(-1);

  /** The records without an answer, and one while more may be sent. */
  private final AtomicInteger open = new AtomicInteger(1);

  private final CountDownLatch allAnswered = new CountDownLatch(1);
  private final Set<Lane> stuck = new HashSet<>();
  private final Set<String> unknown = new HashSet<>();

  Shipment(
      Producer<byte[], byte[]> producer,
      List<OutboxMessage> batch,
      Function<OutboxMessage, String> topics,
      Limits limits) {
    this.producer = producer;
    this.batch = batch;
    this.topics = topics;
    this.limits = limits;
    this.answers = new AtomicReferenceArray<>(batch.size());
  }

  /** How long sending and waiting may take. */
  record Limits(Duration send, Duration answer) {}

  /** What keeps an order. */
  private record Lane(String topic, String key) {}

  /** Hands the messages to the producer, in this order, until one says that it is in vain. */
  void send(int[] order) throws InterruptedException {
    long until = System.nanoTime() + limits.send.toNanos();
    try {
      for (int index : order) {
        if (stopped.get()) {
          return;
        }
        OutboxMessage message = batch.get(index);
        if (unknown.contains(message.topic())) {
          answers.set(index, new TimeoutException("topic " + message.topic() + " was not found"));
        } else if (System.nanoTime() - until < 0 && !isStuck(lane(message))) {
          send(index, message);
        }
      }
    } finally {
      answerCounted();
    }
  }

  private boolean isStuck(@Nullable Lane lane) {
    return lane != null && stuck.contains(lane);
  }

  private void send(int index, OutboxMessage message) throws InterruptedException {
    open.incrementAndGet();
    try {
      Future<?> unused =
          producer.send(record(message), (metadata, error) -> answered(index, error));
    } catch (InterruptException e) {
      boolean cleared = Thread.interrupted(); // else closing would not wait for the sender thread
      LOG.debug("Interrupted while sending (flag {}), closing the producer", cleared);
      answered(index, e);
      stop(true);
      throw new InterruptedException("interrupted while handing a message to the producer");
    } catch (Exception e) {
      answered(index, e);
    }
    if (answers.get(index) instanceof Exception error) {
      heldBy(message, error);
    }
  }

  /** Nothing of the message was handed to the sender thread, so its key's others can wait here. */
  private void heldBy(OutboxMessage message, Exception error) {
    @Nullable Lane lane = lane(message);
    if (lane != null) {
      stuck.add(lane);
    }
    PublishResult.Kind kind = Failure.of(error).kind();
    if (Failure.topicUnknown(error)) {
      unknown.add(message.topic());
    } else if (kind != PublishResult.Kind.REJECTED) {
      stop(true); // the producer itself may be of no use any more
    }
  }

  private void answered(int index, @Nullable Exception error) {
    if (!answers.compareAndSet(index, null, error == null ? SENT : error)) {
      return;
    }
    if (error != null && Thread.currentThread() != caller) {
      culprit.compareAndSet(-1, index);
      stop(true);
    }
    answerCounted();
  }

  private void answerCounted() {
    if (open.decrementAndGet() == 0) {
      allAnswered.countDown();
    }
  }

  /**
   * Closes the producer, once, if asked to, so that it sends nothing more; returns whether it is
   * closed.
   */
  boolean stop(boolean now) {
    if (now && stopped.compareAndSet(false, true)) {
      try {
        producer.close(Duration.ZERO);
      } catch (RuntimeException e) {
        LOG.warn("A producer could not be closed cleanly; it sends nothing any more", e);
      }
    }
    return stopped.get();
  }

  /** Waits for the answers. */
  void await() throws InterruptedException {
    try {
      if (!allAnswered.await(limits.answer.plus(GRACE).toNanos(), TimeUnit.NANOSECONDS)) {
        culprit.compareAndSet(-1, Integer.MAX_VALUE); // not the cut-off ones that come now
        stop(true);
      }
    } catch (InterruptedException e) {
      stop(true);
      throw e;
    }
  }

  /** Notes which topics were found and which were not. */
  void rememberTopics(Set<String> unknownTopics) {
    for (int i = 0; i < batch.size(); i++) {
      if (answers.get(i) == SENT && !unknownTopics.isEmpty()) {
        unknownTopics.remove(batch.get(i).topic());
      }
    }
    unknownTopics.addAll(unknown);
  }

  /** Says what became of each message. */
  List<PublishResult> results() {
    List<PublishResult> results = new ArrayList<>(batch.size());
    Set<Lane> waiting = new HashSet<>();
    boolean told = false;
    for (int i = 0; i < batch.size(); i++) {
      @Nullable Lane lane = lane(batch.get(i));
      PublishResult result =
          lane != null && waiting.contains(lane) ? PublishResult.skipped() : result(i);
      if (lane != null && result.kind() != PublishResult.Kind.SENT) {
        waiting.add(lane);
      }
      told |=
          result.kind() != PublishResult.Kind.SENT && result.kind() != PublishResult.Kind.SKIPPED;
      results.add(result);
    }
    int first = culprit.get();
    if (stopped.get() && !told && !batch.isEmpty()) {
      // Somebody must be named, or the relay would try again at once and for ever.
      if (first >= 0 && first < batch.size() && answers.get(first) instanceof Exception error) {
        results.set(first, PublishResult.failed(Failure.text(error)));
      } else {
        nameTheFirstUnsent(results);
      }
    }
    return results;
  }

  private void nameTheFirstUnsent(List<PublishResult> results) {
    for (int i = 0; i < results.size(); i++) {
      if (results.get(i).kind() == PublishResult.Kind.SKIPPED) {
        results.set(i, PublishResult.unavailable("the producer gave no answer in time"));
        return;
      }
    }
  }

  private PublishResult result(int index) {
    @Nullable Object answer = answers.get(index);
    if (answer == SENT) {
      return PublishResult.sent();
    }
    return answer instanceof Exception error && (Failure.says(error) || !stopped.get())
        ? Failure.of(error)
        : PublishResult.skipped();
  }

  private ProducerRecord<byte[], byte[]> record(OutboxMessage message)
      throws Failure.UnusableTopic {
    byte @Nullable [] key = message.key().map(Shipment::utf8).orElse(null);
    byte @Nullable [] value = message.hasPayload() ? message.payload() : null;
    ProducerRecord<byte[], byte[]> record = newRecord(topic(message), key, value);
    Headers headers = record.headers();
    message.headers().forEach((name, text) -> headers.add(name, utf8(text)));
    set(headers, OutboxMessage.ID_HEADER, message.id().toString());
    message.correlationId().ifPresent(it -> set(headers, OutboxMessage.CORRELATION_HEADER, it));
    message.causationId().ifPresent(it -> set(headers, OutboxMessage.CAUSATION_HEADER, it));
    if (!message.tenant().isEmpty()) {
      set(headers, OutboxMessage.TENANT_HEADER, message.tenant());
    }
    return record;
  }

  @SuppressWarnings("NullAway") // Kafka's records may lack key and value; it does not say so
  private static ProducerRecord<byte[], byte[]> newRecord(
      String topic, byte @Nullable [] key, byte @Nullable [] value) {
    return new ProducerRecord<>(topic, key, value);
  }

  private String topic(OutboxMessage message) throws Failure.UnusableTopic {
    @Nullable String topic;
    try {
      topic = topics.apply(message);
    } catch (RuntimeException e) {
      throw new Failure.UnusableTopic("the topic mapping failed: " + e, e);
    }
    if (topic == null || topic.isEmpty()) {
      throw new Failure.UnusableTopic(
          "the topic mapping gave no topic for " + message.topic(), null);
    }
    return topic;
  }

  /** One of that name only, whatever the application added. */
  private static void set(Headers headers, String name, String value) {
    headers.remove(name);
    headers.add(name, utf8(value));
  }

  private static @Nullable Lane lane(OutboxMessage message) {
    return message.key().map(key -> new Lane(message.topic(), key)).orElse(null);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
