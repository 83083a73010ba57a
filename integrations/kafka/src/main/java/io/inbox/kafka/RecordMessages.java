package io.inbox.kafka;

import io.inbox.Message;
import io.inbox.MessageIds;
import io.inbox.error.InvalidMessageException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes messages out of records. */
final class RecordMessages {
  private static final Logger LOG = LoggerFactory.getLogger(RecordHandler.class);

  private final String idHeader;
  private final String idSource;
  private final boolean requireId;
  private final String cluster;
  private final @Nullable Function<ConsumerRecord<byte[], byte[]>, Message.Builder> identity;
  private final @Nullable String correlationHeader;
  private final @Nullable String tenantHeader;
  private final boolean recordTime;
  private final Predicate<String> chosen;

  RecordMessages(RecordHandler.Builder options) {
    this.idHeader = options.idHeader;
    this.idSource = options.idSource;
    this.requireId = options.requireId;
    this.cluster = options.cluster;
    this.identity = options.identity;
    this.correlationHeader = options.correlationHeader;
    this.tenantHeader = options.tenantHeader;
    this.recordTime = options.recordTime;
    this.chosen = options.headers;
  }

  /**
   * Returns the message.
   *
   * @throws RuntimeException if the record cannot become one
   */
  Message message(ConsumerRecord<byte[], byte[]> record) {
    Message.Builder message =
        identity == null
            ? identify(record)
            : Objects.requireNonNull(identity.apply(record), "the identity returned null");
    message.headers(headers(record)).payload(record.value());
    @Nullable String tenant = tenant(record);
    if (tenant != null) {
      message.tenant(tenant);
    }
    if (recordTime && record.timestamp() >= 0) {
      message.time(java.time.Instant.ofEpochMilli(record.timestamp()));
    }
    correlate(message, record);
    return message.build();
  }

  /** Returns where the record stood, and the headers that were chosen of its own. */
  Map<String, String> headers(ConsumerRecord<byte[], byte[]> record) {
    Map<String, String> headers = new LinkedHashMap<>();
    position(headers, record); // first, so that it is what a dead letter keeps of too many
    for (Header header : record.headers()) {
      @Nullable String name = header.key();
      if (name != null && !name.isEmpty() && header.value() != null && chosen.test(name)) {
        headers.put(name, text(header.value()));
      }
    }
    position(headers, record); // again: nobody may claim another position
    return headers;
  }

  /** Returns the tenant the record names, null if it names none or that is not asked for. */
  @Nullable String tenant(ConsumerRecord<byte[], byte[]> record) {
    return tenantHeader == null ? null : header(record, tenantHeader);
  }

  private Message.Builder identify(ConsumerRecord<byte[], byte[]> record) {
    @Nullable String id = header(record, idHeader);
    if (id != null) {
      return Message.builder(id).source(idSource);
    }
    if (requireId) {
      throw new InvalidMessageException(
          "IBX-101",
          "message id is null: the header '"
              + idHeader
              + "' is missing (have the producer set it, or leave out requireId)");
    }
    return MessageIds.fromPosition(stream(record.topic()), record.partition(), record.offset());
  }

  /** Returns what positions of a topic belong to. */
  String stream(String topic) {
    // A topic's name has no slash, so no topic can imitate one of another cluster.
    return cluster.isEmpty() ? topic : cluster + "/" + topic;
  }

  boolean readsTenant() {
    return tenantHeader != null;
  }

  /** It ties logs together and decides nothing, so a malformed one is no reason to refuse. */
  private void correlate(Message.Builder message, ConsumerRecord<byte[], byte[]> record) {
    @Nullable String correlation =
        correlationHeader == null ? null : header(record, correlationHeader);
    if (correlation == null) {
      return;
    }
    try {
      message.correlationId(correlation);
    } catch (InvalidMessageException e) {
      LOG.debug("The correlation id of {} is left out: {}", Positions.of(record), e.getMessage());
    }
  }

  private static void position(Map<String, String> headers, ConsumerRecord<byte[], byte[]> record) {
    headers.put(RecordHandler.TOPIC_HEADER, record.topic());
    headers.put(RecordHandler.PARTITION_HEADER, Integer.toString(record.partition()));
    headers.put(RecordHandler.OFFSET_HEADER, Long.toString(record.offset()));
    headers.remove(RecordHandler.KEY_HEADER);
    headers.remove(RecordHandler.BINARY_KEY_HEADER);
    byte @Nullable [] key = record.key();
    if (key != null) {
      try {
        String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(key)).toString();
        headers.put(RecordHandler.KEY_HEADER, text);
      } catch (CharacterCodingException e) {
        headers.put(RecordHandler.BINARY_KEY_HEADER, Base64.getEncoder().encodeToString(key));
      }
    }
  }

  private static @Nullable String header(ConsumerRecord<byte[], byte[]> record, String name) {
    @Nullable Header header = record.headers().lastHeader(name);
    return header == null || header.value() == null ? null : text(header.value());
  }

  private static String text(byte[] value) {
    return new String(value, StandardCharsets.UTF_8);
  }
}
