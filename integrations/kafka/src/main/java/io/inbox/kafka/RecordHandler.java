package io.inbox.kafka;

import io.inbox.BatchHandler;
import io.inbox.Handler;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Watermark;
import io.inbox.error.ConfigurationException;
import io.inbox.outbox.OutboxMessage;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Handles the records of one poll through an inbox and says which offsets may be committed. {@link
 * KafkaInbox} is built on it; use it alone with a consumer that the application polls itself.
 *
 * <p>A record becomes a message: its headers (decoded as UTF-8, the last one of a name) and those
 * of the constants below, the value as payload, and the id as {@link Builder#idHeader} says. A
 * record that cannot become a message, or is larger than the inbox takes, is stored as a dead
 * letter without an id and counts as handled.
 *
 * <p>The records of a poll share transactions. Those of one partition and key are handled in their
 * order; when one is not settled, the later ones wait. {@link Builder#keepOrder} switches that off.
 *
 * <p>Thread-safe, and may serve several consumers.
 */
public final class RecordHandler {
  /** The header of the message that names the topic of the record. */
  public static final String TOPIC_HEADER = "kafka-topic";

  /** The header of the message that holds the partition of the record. */
  public static final String PARTITION_HEADER = "kafka-partition";

  /** The header of the message that holds the offset of the record. */
  public static final String OFFSET_HEADER = "kafka-offset";

  /** The header of the message that holds the key of the record, where it is text in UTF-8. */
  public static final String KEY_HEADER = "kafka-key";

  /** The header of the message that holds the key of the record in Base64, where it is no text. */
  public static final String BINARY_KEY_HEADER = "kafka-key-base64";

  private final Inbox inbox;
  private final BatchHandler handler;
  private final RecordMessages messages;
  private final boolean keepOrder;

  /** The last pass ended because of the database: the next one tries with one record first. */
  private volatile boolean doubtful;

  private RecordHandler(Builder builder) {
    this.inbox = builder.inbox;
    this.handler = builder.handler;
    this.messages = new RecordMessages(builder);
    this.keepOrder = builder.keepOrder;
  }

  /**
   * Starts a handler whose records share transactions, see {@link Inbox#processBatch}.
   *
   * @param inbox the inbox of the consumer; shared with others, and closed by its owner
   * @param handler gets the fresh messages of one transaction
   */
  public static Builder builder(Inbox inbox, BatchHandler handler) {
    return new Builder(inbox, handler);
  }

  /**
   * Starts a handler that takes one message at a time; messages share transactions all the same.
   *
   * @param inbox the inbox of the consumer; shared with others, and closed by its owner
   * @param handler makes the handler for a message
   */
  public static Builder builder(Inbox inbox, Function<Message, Handler> handler) {
    Builder.require(handler != null, "the handler is null");
    return new Builder(
        inbox,
        (fresh, tx) -> {
          for (Message message : fresh) {
            handler.apply(message).handle(tx);
          }
        });
  }

  /**
   * Handles records in transactions of their own and blocks until all of them ended.
   *
   * <p>Commit what {@link Handled#commit()} says, seek back to what {@link Handled#redeliver()}
   * says, and poll again; offsets that are never committed cost a redelivery, which the inbox
   * recognises. An {@code Error} of the business code is thrown after the rollback; seek back to
   * the first offsets then.
   *
   * @param records what a consumer with deserializers of bytes has polled; in it the records of a
   *     partition are in their order
   */
  public Handled handle(ConsumerRecords<byte[], byte[]> records) {
    return handle(records, () -> false);
  }

  /** The same; ends after the running transaction once {@code stop} says so. */
  Handled handle(ConsumerRecords<byte[], byte[]> records, BooleanSupplier stop) {
    Pass pass = new Pass(inbox, handler, messages, keepOrder, stop);
    Handled handled = pass.run(records, doubtful);
    doubtful = handled.unavailable();
    return handled;
  }

  /**
   * Takes the watermark of a partition over, for a consumer that reads by watermarks: no row for
   * each message, exactly once by the offset. Call it whenever the partition is assigned, and seek
   * behind {@link Watermark#position()} where there is one.
   *
   * @throws ConfigurationException if options of this handler contradict it
   * @throws io.inbox.error.RetryLaterException if it cannot be taken over now: try again
   */
  public Watermark takeOver(TopicPartition partition) {
    requireWatermarks();
    return inbox.takeOver(messages.stream(partition.topic()), partition.partition());
  }

  /**
   * Handles records by the watermarks of their partitions, each partition in transactions of its
   * own, and blocks until all of them ended. The offset decides what was handled before, the id
   * only names the message: what its producer sent twice is handled twice.
   *
   * <p>A record that is not settled holds its partition, whatever its key. Seek back as {@link
   * #handle(ConsumerRecords)} says; committing offsets is of no importance but for tools that show
   * the lag. Records of a partition whose watermark is missing are not handled. Where a watermark
   * is {@link Watermark#fenced()} afterwards, take it over again if the partition is still
   * assigned.
   *
   * @param records what was polled
   * @param owned the watermarks that this consumer has taken over
   */
  public Handled handle(
      ConsumerRecords<byte[], byte[]> records, Map<TopicPartition, Watermark> owned) {
    return handle(records, owned, () -> false);
  }

  /** The same; ends after the running transaction once {@code stop} says so. */
  Handled handle(
      ConsumerRecords<byte[], byte[]> records,
      Map<TopicPartition, Watermark> owned,
      BooleanSupplier stop) {
    Handled handled = new WatermarkPass(handler, messages, stop).run(records, owned, doubtful);
    doubtful = handled.unavailable();
    return handled;
  }

  void requireWatermarks() {
    Builder.require(
        !messages.readsTenant(),
        "a watermark is of one tenant, and so are all records of its partition (leave tenantHeader out)");
    Builder.require(
        keepOrder, "a watermark keeps the order of its whole partition (leave keepOrder out)");
  }

  String consumer() {
    return inbox.consumer();
  }

  /**
   * What became of the records of one poll. Immutable.
   *
   * @param commit by partition, the offset to commit: all records below it are settled; a partition
   *     is missing where that would commit nothing new
   * @param redeliver by partition, where to go on reading; a partition is missing where all of its
   *     records are settled. Those at and above the offset that were settled are recognised as
   *     duplicates
   * @param unavailable whether it ended because the database could not be used: wait before you
   *     hand in more, whatever the partition
   */
  public record Handled(
      Map<TopicPartition, OffsetAndMetadata> commit,
      Map<TopicPartition, Redelivery> redeliver,
      boolean unavailable) {
    /** Copies the maps. */
    public Handled {
      commit = Map.copyOf(commit);
      redeliver = Map.copyOf(redeliver);
    }
  }

  /**
   * Where a partition goes on.
   *
   * @param offset the first record that is not settled
   * @param after how long to wait before; zero where it just was not reached
   */
  public record Redelivery(long offset, Duration after) {}

  /** Collects the options of a handler. Not thread-safe. */
  public static final class Builder {
    private final Inbox inbox;
    private final BatchHandler handler;
    String idHeader = OutboxMessage.ID_HEADER;
    String idSource = "";
    boolean requireId;
    String cluster = "";
    @Nullable Function<ConsumerRecord<byte[], byte[]>, Message.Builder> identity;
    @Nullable String correlationHeader = OutboxMessage.CORRELATION_HEADER;
    @Nullable String tenantHeader;
    boolean recordTime;
    Predicate<String> headers = name -> true;
    private boolean keepOrder = true;
    private boolean idOptions;

    private Builder(@Nullable Inbox inbox, @Nullable BatchHandler handler) {
      this.inbox = ClientSettings.given(inbox, "the inbox is null");
      this.handler = ClientSettings.given(handler, "the handler is null");
    }

    /**
     * Sets the header that carries the id. A record without it gets its position as id, see {@link
     * io.inbox.MessageIds#fromPosition}, which recognises a redelivery but not a second record of
     * the same message; {@link #requireId} refuses it. Default: {@link OutboxMessage#ID_HEADER},
     * unique everywhere.
     *
     * @param name the header's name
     * @param source the producer or channel in which the id is unique; empty if everywhere
     */
    public Builder idHeader(String name, String source) {
      require(name != null && !name.isBlank(), "the name of the id's header is null or blank");
      require(source != null, "the id's source is null (empty if the id is unique everywhere)");
      this.idHeader = name;
      this.idSource = source;
      this.idOptions = true;
      return this;
    }

    /**
     * Sends records without the id's header to the dead letters. Default: their position is the id.
     */
    public Builder requireId() {
      this.requireId = true;
      this.idOptions = true;
      return this;
    }

    /**
     * Sets the name of the Kafka cluster, which then is part of ids made of positions: for an inbox
     * that takes the same topic from two clusters. Default: none.
     */
    public Builder cluster(String name) {
      require(name != null && !name.isBlank(), "the cluster's name is null or blank");
      this.cluster = name;
      this.idOptions = true;
      return this;
    }

    /**
     * Sets how a record's identity is found, instead of the header and the position: for
     * CloudEvents, or an id within the payload, see {@link io.inbox.MessageIds}. Headers, payload,
     * correlation id, tenant and time are added to what it returns. A record for which it throws
     * goes to the dead letters, unless it throws {@link io.inbox.error.RetryLaterException}.
     */
    public Builder identity(Function<ConsumerRecord<byte[], byte[]>, Message.Builder> identity) {
      require(identity != null, "the identity is null (leave it out for its default)");
      this.identity = identity;
      return this;
    }

    /**
     * Sets the header that carries the correlation id, or null for none. One that breaks the rules
     * is left out. Default: {@link OutboxMessage#CORRELATION_HEADER}.
     */
    public Builder correlationHeader(@Nullable String name) {
      this.correlationHeader = name;
      return this;
    }

    /**
     * Sets the header that names the tenant. Whoever may write to the topic then chooses the
     * tenant. Default: none, messages belong to no tenant.
     */
    public Builder tenantHeader(@Nullable String name) {
      this.tenantHeader = name;
      return this;
    }

    /**
     * Makes the record's timestamp the message time, so that a redelivery after the dedupe window
     * becomes a dead letter instead of being handled again. A first delivery that comes later than
     * the window becomes one, too: the window must be longer than the longest lag. Default: off.
     */
    public Builder recordTime(boolean recordTime) {
      this.recordTime = recordTime;
      return this;
    }

    /**
     * Sets which headers of the record the message gets; they are stored with a dead letter. The
     * headers of id, correlation id and tenant are read all the same. Default: all.
     */
    public Builder headers(Predicate<String> names) {
      require(names != null, "the choice of headers is null (leave it out for all)");
      this.headers = names;
      return this;
    }

    /**
     * Sets whether records of one partition and key are handled in their order. Without it a record
     * may be handled before an earlier one that failed. Default: true.
     */
    public Builder keepOrder(boolean keepOrder) {
      this.keepOrder = keepOrder;
      return this;
    }

    /**
     * Returns the handler.
     *
     * @throws ConfigurationException if {@link #identity} is set beside options it replaces
     */
    public RecordHandler build() {
      require(
          identity == null || !idOptions,
          "identity is set beside idHeader, requireId or cluster, which it replaces (give one)");
      return new RecordHandler(this);
    }

    private static void require(boolean holds, String message) {
      if (!holds) {
        throw new ConfigurationException("IBX-804", message);
      }
    }
  }
}
