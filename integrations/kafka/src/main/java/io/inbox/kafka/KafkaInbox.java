package io.inbox.kafka;

import io.inbox.error.ConfigurationException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Feeds an inbox from Kafka topics: polls, handles what came through a {@link RecordHandler}, and
 * commits the offsets once the database has committed.
 *
 * <p>What a handler writes through its transaction happens once per message, whatever is restarted
 * or rebalanced: an offset is committed only for what is settled, and what comes again is
 * recognised.
 *
 * <ul>
 *   <li>A record that is not settled holds its partition: it is paused until the outcome's time to
 *       deliver again has come, and goes on from that record. The other partitions go on at once.
 *   <li>When the database cannot be used, nothing is acknowledged, all partitions are paused, and
 *       the pauses between attempts grow to 30 s.
 *   <li>Records are handled on a thread of their own while the polling thread keeps the membership
 *       of the group alive, with all partitions paused; a slow handler causes no rebalance.
 *   <li>When partitions are revoked, the transaction in progress is waited for ({@link
 *       Builder#revokeWait}) and its offsets are committed. What ends later commits in the
 *       database, but not its offsets; the next owner of the partition meets duplicates.
 * </ul>
 *
 * <p>Runs two threads, named after the inbox's consumer, which keep the JVM alive until {@link
 * #close()}. One consumer serves all its partitions one poll after the other; start several, on the
 * same inbox and handler, to handle partitions in parallel. Thread-safe.
 */
public final class KafkaInbox implements AutoCloseable {
  private final PollLoop loop;

  private KafkaInbox(PollLoop loop) {
    this.loop = loop;
  }

  /**
   * Starts from the properties of a Kafka consumer.
   *
   * @param config must name {@code bootstrap.servers} and {@code group.id}. {@code
   *     enable.auto.commit=false} and deserializers of bytes are set; anything else for them is
   *     refused. Defaults that differ from Kafka's: {@code auto.offset.reset=earliest}, because
   *     {@code latest} skips what was sent before the first commit; {@code
   *     isolation.level=read_committed}, because what a producer rolled back was never said
   * @param records handles what was polled
   */
  public static Builder builder(Map<String, Object> config, RecordHandler records) {
    return new Builder(config, records);
  }

  /** Returns whether it polls. */
  public boolean running() {
    return loop.running();
  }

  /**
   * Returns what ended it, if something did: an error of Kafka that cannot mend itself, such as a
   * broker that is too old, or an error of the JVM. For a health check; start another one.
   */
  public Optional<Throwable> failure() {
    return loop.failure();
  }

  /**
   * Ends polling, waits for the transaction in progress, at most as long as {@link
   * Builder#closeWait} says, commits offsets and leaves the group. A handler that still runs then
   * is left to end by itself; what it commits is recognised later.
   */
  @Override
  public void close() {
    loop.close();
  }

  /** Collects the options of a loop. Not thread-safe. */
  public static final class Builder {
    private static final int LARGEST_BATCH = 10_000;
    private static final Duration LONGEST_WAIT = Duration.ofHours(1);

    private final Map<String, Object> config;
    private final RecordHandler records;
    private final Set<String> topics = new LinkedHashSet<>();
    private @Nullable Integer batchSize;
    private Duration revokeWait = Duration.ofSeconds(10);
    private Duration closeWait = Duration.ofSeconds(30);
    private boolean watermarks;

    private Builder(@Nullable Map<String, Object> config, @Nullable RecordHandler records) {
      this.config = ClientSettings.given(config, "the configuration of the consumer is null");
      this.records = ClientSettings.given(records, "the record handler is null");
    }

    /** Adds topics to read. At least one is required. */
    public Builder topics(Collection<String> names) {
      require(names != null, "the topics are null");
      for (String name : names) {
        require(name != null && !name.isBlank(), "a topic is null or blank");
        topics.add(name);
      }
      return this;
    }

    /** Adds topics to read. At least one is required. */
    public Builder topics(String... names) {
      return topics(List.of(names));
    }

    /**
     * Sets how many records one poll takes at most, 1 to 10,000; they share transactions. Sets
     * {@code max.poll.records}. Default: what the configuration says, else 500.
     */
    public Builder batchSize(int records) {
      this.batchSize = records;
      return this;
    }

    /**
     * Sets how long a rebalance is held up for the transaction in progress, at most 1 h and less
     * than {@code max.poll.interval.ms}. Zero does not wait. Default: 10 s.
     */
    public Builder revokeWait(Duration wait) {
      this.revokeWait = wait;
      return this;
    }

    /**
     * Sets how long {@link KafkaInbox#close} waits for the transaction in progress, at most 1 h.
     * Default: 30 s.
     */
    public Builder closeWait(Duration wait) {
      this.closeWait = wait;
      return this;
    }

    /**
     * Keeps where each partition stands in the database, in the transactions of the handler, and
     * goes on from there after every assignment: exactly once by the offset, with one row for a
     * partition and none for a message. Offsets are committed to Kafka, too, for tools that show
     * the lag; they count only where the database has none.
     *
     * <p>What a producer sent twice is handled twice, because nothing remembers its id; and a
     * record that is not settled holds its whole partition, whatever its key. Needs version 4 of
     * the schema. Default: off, records are recognised by their ids.
     */
    public Builder watermarks() {
      this.watermarks = true;
      return this;
    }

    /**
     * Checks the configuration and starts to poll. Does not wait for a broker.
     *
     * @throws ConfigurationException if a setting is missing, breaks a promise, or is refused by
     *     Kafka
     */
    public KafkaInbox start() {
      require(!topics.isEmpty(), "no topic is named (name at least one)");
      require(
          batchSize == null || (batchSize >= 1 && batchSize <= LARGEST_BATCH),
          "batchSize is " + batchSize + ", it must be 1 to 10,000");
      require(bounded(closeWait), "closeWait is " + closeWait + ", it must be 0 to 1 h");
      require(bounded(revokeWait), "revokeWait is " + revokeWait + ", it must be 0 to 1 h");
      if (watermarks) {
        records.requireWatermarks();
      }
      ClientSettings settings = settings();
      long interval = settings.millis(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, 300_000);
      require(
          revokeWait.toMillis() < interval,
          "revokeWait is "
              + revokeWait
              + ", it must be less than max.poll.interval.ms, "
              + interval
              + " (else the group goes on without this consumer)");
      PollLoop loop =
          new PollLoop(
              connect(settings),
              new ArrayList<>(topics),
              records,
              watermarks,
              revokeWait,
              closeWait);
      loop.start();
      return new KafkaInbox(loop);
    }

    private ClientSettings settings() {
      ClientSettings settings = new ClientSettings("consumer", config);
      settings.required(
          ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, "host:port of at least one broker");
      settings.required(
          ConsumerConfig.GROUP_ID_CONFIG, "the consumers that share the partitions of the topics");
      settings.forced(
          ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
          "false",
          "Kafka would commit offsets of what the database has not committed (leave it out)");
      String bytes = ByteArrayDeserializer.class.getName();
      String why =
          "the inbox takes keys and payloads as bytes (leave it out; decode in the handler)";
      settings.forced(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, bytes, why);
      settings.forced(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, bytes, why);
      settings.byDefault(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
      settings.byDefault(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
      if (batchSize != null) {
        settings.option(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, batchSize, "batchSize");
      }
      return settings;
    }

    private static Consumer<byte[], byte[]> connect(ClientSettings settings) {
      try {
        return new KafkaConsumer<>(settings.values());
      } catch (KafkaException e) {
        Throwable cause = e.getCause() instanceof ConfigException ? e.getCause() : e;
        throw new ConfigurationException(
            "IBX-803", "Kafka refuses the consumer's configuration: " + cause.getMessage(), e);
      }
    }

    private static boolean bounded(@Nullable Duration wait) {
      return wait != null && !wait.isNegative() && wait.compareTo(LONGEST_WAIT) <= 0;
    }

    private static void require(boolean holds, String message) {
      if (!holds) {
        throw new ConfigurationException("IBX-804", message);
      }
    }
  }
}
