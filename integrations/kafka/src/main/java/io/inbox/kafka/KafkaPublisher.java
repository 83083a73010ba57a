package io.inbox.kafka;

import io.inbox.error.ConfigurationException;
import io.inbox.error.UsageException;
import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.PublishResult;
import io.inbox.outbox.Publisher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Sends the outbox to Kafka.
 *
 * <p>A message becomes a record: the key as UTF-8 (none for a message without a key: the
 * partitioner chooses), the payload as the value (null for a message without one), and as headers
 * those of the message and {@link OutboxMessage#ID_HEADER}, {@link OutboxMessage#CAUSATION_HEADER},
 * {@link OutboxMessage#CORRELATION_HEADER} and {@link OutboxMessage#TENANT_HEADER}, each where
 * there is something to say. Its timestamp is the moment of sending.
 *
 * <p>A message is sent once all replicas in sync have it. Messages of one topic and key arrive in
 * their order, and when one fails no later one arrives before it: at the first failure the producer
 * is closed without another request, and the next batch gets a new one. That is why a producer of
 * the application's own is not taken. Messages of other keys that were cut off by that are answered
 * {@link PublishResult#skipped}; some of them may have arrived, and arrive again under the same id.
 *
 * <p>Thread-safe; each call has a producer of its own, so there are as many as calls at one time.
 * {@link #publish} blocks for at most about twice {@code max.block.ms} plus {@code
 * delivery.timeout.ms} (20 s by default); what waits behind it waits as long.
 */
public final class KafkaPublisher implements Publisher {
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);

  private final Map<String, Object> config;
  private final Function<OutboxMessage, String> topics;
  private final Shipment.Limits limits;
  private final ConcurrentLinkedDeque<Producer<byte[], byte[]>> idle =
      new ConcurrentLinkedDeque<>();

  /** Topics that Kafka did not know lately: tried last, so that they hold up nobody else. */
  private final Set<String> unknownTopics = ConcurrentHashMap.newKeySet();

  private volatile boolean closed;

  private KafkaPublisher(Builder builder) {
    ClientSettings settings = settings(builder.config);
    this.config = settings.values();
    this.topics = builder.topics;
    this.limits =
        new Shipment.Limits(
            Duration.ofMillis(settings.millis(ProducerConfig.MAX_BLOCK_MS_CONFIG, 0)),
            Duration.ofMillis(settings.millis(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 0)));
    idle.add(connect());
  }

  /**
   * Starts from the properties of a Kafka producer.
   *
   * @param config must name {@code bootstrap.servers}. {@code enable.idempotence=true}, {@code
   *     acks=all}, {@code max.in.flight.requests.per.connection=1} and serializers of bytes are
   *     set; anything else for them is refused, and so is {@code transactional.id}. Bounded by
   *     default: {@code max.block.ms} 5 s, {@code request.timeout.ms} 5 s, {@code
   *     delivery.timeout.ms} 10 s; {@code linger.ms} 0
   */
  public static Builder builder(Map<String, Object> config) {
    return new Builder(config);
  }

  /**
   * Sends a batch and waits until Kafka has answered for every message.
   *
   * <p>Too large for the producer or the topic, an unusable topic name or timestamp: rejected.
   * Brokers that cannot be reached, do not answer in time, have too few replicas in sync, do not
   * know the topic, or do not let this client in: unavailable. Anything else: failed.
   *
   * @throws InterruptedException if the thread is interrupted; what was not confirmed may have
   *     arrived
   * @throws UsageException if the publisher is closed
   */
  @Override
  public List<PublishResult> publish(List<OutboxMessage> batch) throws InterruptedException {
    Producer<byte[], byte[]> producer;
    try {
      producer = borrow();
    } catch (KafkaException e) {
      return Collections.nCopies(batch.size(), PublishResult.unavailable(Failure.text(e)));
    }
    Shipment shipment = new Shipment(producer, batch, topics, limits);
    try {
      shipment.send(unknownTopicsLast(batch));
      shipment.await();
    } finally {
      giveBack(producer, shipment);
    }
    shipment.rememberTopics(unknownTopics);
    return shipment.results();
  }

  /** Closes the producers; waits for at most 5 s each. A call in progress ends as usual. */
  @Override
  public void close() {
    closed = true;
    for (Producer<byte[], byte[]> producer = idle.poll();
        producer != null;
        producer = idle.poll()) {
      producer.close(CLOSE_WAIT);
    }
  }

  private Producer<byte[], byte[]> borrow() {
    if (closed) {
      throw new UsageException(
          "IBX-805", "the publisher is closed (stop the relay before you close its publisher)");
    }
    Producer<byte[], byte[]> producer = idle.poll();
    return producer != null ? producer : new KafkaProducer<>(config);
  }

  private void giveBack(Producer<byte[], byte[]> producer, Shipment shipment) {
    if (shipment.stop(false)) {
      return;
    }
    idle.push(producer);
    if (closed) {
      close();
    }
  }

  /** Topics keep no order among each other; within one the order of the batch stays. */
  private int[] unknownTopicsLast(List<OutboxMessage> batch) {
    IntStream all = IntStream.range(0, batch.size());
    if (unknownTopics.isEmpty()) {
      return all.toArray();
    }
    List<Integer> order = new ArrayList<>(all.boxed().toList());
    order.sort(Comparator.comparing(i -> unknownTopics.contains(batch.get(i).topic())));
    return order.stream().mapToInt(Integer::intValue).toArray();
  }

  private Producer<byte[], byte[]> connect() {
    try {
      return new KafkaProducer<>(config);
    } catch (KafkaException e) {
      Throwable cause = e.getCause() instanceof ConfigException ? e.getCause() : e;
      throw new ConfigurationException(
          "IBX-803", "Kafka refuses the producer's configuration: " + cause.getMessage(), e);
    }
  }

  private static ClientSettings settings(Map<String, Object> config) {
    ClientSettings settings = new ClientSettings("producer", config);
    settings.required(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, "host:port of at least one broker");
    settings.forced(
        ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
        "true",
        "a retry could double or reorder messages (leave it out)");
    settings.forced(
        ProducerConfig.ACKS_CONFIG,
        "all",
        "a confirmed message could be lost (leave it out)",
        "-1");
    settings.forced(
        ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
        "1",
        "a message could arrive although an earlier one of its key failed (leave it out)");
    settings.forced(
        ProducerConfig.PARTITIONER_IGNORE_KEYS_CONFIG,
        "false",
        "messages of one key must be in one partition (leave it out)");
    settings.absent(
        ProducerConfig.TRANSACTIONAL_ID_CONFIG,
        "the relay deletes a row once its message is confirmed, it runs no Kafka transactions (leave it out)");
    String bytes = ByteArraySerializer.class.getName();
    String why = "keys and payloads are bytes already (leave it out)";
    settings.forced(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, bytes, why);
    settings.forced(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, bytes, why);
    settings.byDefault(ProducerConfig.MAX_BLOCK_MS_CONFIG, 5_000);
    settings.byDefault(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
    settings.byDefault(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 10_000);
    settings.byDefault(ProducerConfig.LINGER_MS_CONFIG, 0);
    requireTimeouts(settings);
    return settings;
  }

  /**
   * Kafka's own rule; it would lengthen a delivery timeout that was not set, and say so in a log.
   */
  private static void requireTimeouts(ClientSettings settings) {
    long delivery = settings.millis(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 0);
    long linger = settings.millis(ProducerConfig.LINGER_MS_CONFIG, 0);
    long request = settings.millis(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 0);
    if (delivery < linger + request) {
      throw new ConfigurationException(
          "IBX-802",
          "delivery.timeout.ms is "
              + delivery
              + ", less than linger.ms, "
              + linger
              + ", plus request.timeout.ms, "
              + request
              + " (raise it, or lower the others)");
    }
  }

  /** Collects the options of a publisher. Not thread-safe. */
  public static final class Builder {
    private final Map<String, Object> config;
    private Function<OutboxMessage, String> topics = OutboxMessage::topic;

    private Builder(Map<String, Object> config) {
      this.config = config;
    }

    /**
     * Sets which Kafka topic a message goes to. Must give all messages of one topic and key the
     * same one, always; a message for which it throws or returns null is rejected. Default: the
     * message's topic.
     */
    public Builder topic(Function<OutboxMessage, @Nullable String> mapping) {
      this.topics = ClientSettings.given(mapping, "topic is null (leave it out for its default)");
      return this;
    }

    /**
     * Checks the configuration and returns the publisher. Does not wait for a broker.
     *
     * @throws ConfigurationException if a setting is missing, breaks a promise, or is refused by
     *     Kafka
     */
    public KafkaPublisher build() {
      return new KafkaPublisher(this);
    }
  }
}
