package io.inbox.outbox;

import io.inbox.error.InvalidMessageException;
import io.inbox.internal.HeaderText;
import io.inbox.internal.KeyText;
import io.inbox.internal.MessageLimits;
import io.inbox.internal.TimeOrderedId;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A message to be sent once the transaction it was appended in has committed. Immutable, but for
 * the payload array, which is not copied: do not change it after handing it in.
 *
 * <p>Its id stays the same however often it is published, so that the receiver can recognise a
 * repeat.
 */
public final class OutboxMessage {
  /** The header that carries {@link #id()} to the receiver. */
  public static final String ID_HEADER = "inbox-message-id";

  /** The header that carries {@link #correlationId()} to the receiver. */
  public static final String CORRELATION_HEADER = "inbox-correlation-id";

  /** The header that carries {@link #causationId()} to the receiver. */
  public static final String CAUSATION_HEADER = "inbox-causation-id";

  /** The header that carries {@link #tenant()} to the receiver. */
  public static final String TENANT_HEADER = "inbox-tenant";

  private static final Pattern TOPIC = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}");

  private final UUID id;
  private final String tenant;
  private final String topic;
  private final @Nullable String key;
  private final Map<String, String> headers;
  private final byte @Nullable [] payload;
  private final @Nullable Instant notBefore;
  private final @Nullable String correlationId;
  private final @Nullable String causationId;

  private OutboxMessage(Builder builder, UUID id) {
    this.id = id;
    this.tenant = builder.tenant;
    this.topic = builder.topic;
    this.key = builder.key;
    this.headers =
        builder.headers == null
            ? Map.of()
            : Collections.unmodifiableMap(new LinkedHashMap<>(builder.headers));
    this.payload = builder.payload;
    this.notBefore = builder.notBefore;
    this.correlationId = builder.correlationId;
    this.causationId = builder.causationId;
  }

  private OutboxMessage(
      UUID id,
      String tenant,
      String topic,
      @Nullable String key,
      Map<String, String> headers,
      byte @Nullable [] payload,
      @Nullable String correlationId,
      @Nullable String causationId) {
    this.id = id;
    this.tenant = tenant;
    this.topic = topic;
    this.key = key;
    this.headers = headers;
    this.payload = payload;
    this.notBefore = null;
    this.correlationId = correlationId;
    this.causationId = causationId;
  }

  /**
   * Returns a message with topic, key and payload and nothing else.
   *
   * @param topic where it goes, see {@link #to(String)}
   * @param key what it is about, see {@link Builder#key}; null where order does not matter
   * @param payload the bytes; null for a message without any
   */
  public static OutboxMessage of(String topic, @Nullable String key, byte @Nullable [] payload) {
    return to(topic).key(key).payload(payload).build();
  }

  /**
   * Starts a message.
   *
   * @param topic where it goes: 1 to 200 letters, digits, dots, underscores and hyphens, as every
   *     broker takes them; a publisher may map it to a name of its own
   * @throws InvalidMessageException if the topic breaks that rule
   */
  public static Builder to(String topic) {
    return new Builder(topic);
  }

  /**
   * Returns a message as a store keeps it. For stores: nothing is checked, so that a row that
   * somebody else wrote can be read as well.
   *
   * @param headers as {@link io.inbox.spi.OutboxStatements.Appended#headers()} had them
   */
  public static OutboxMessage stored(
      UUID id,
      String tenant,
      String topic,
      @Nullable String key,
      String headers,
      byte @Nullable [] payload,
      @Nullable String correlationId,
      @Nullable String causationId) {
    return new OutboxMessage(
        id, tenant, topic, key, HeaderText.read(headers), payload, correlationId, causationId);
  }

  /** Returns a builder with the parts of this message, its id included. */
  public Builder toBuilder() {
    Builder builder = new Builder(topic);
    builder.id = id;
    builder.tenant = tenant;
    builder.key = key;
    builder.headers = headers.isEmpty() ? null : new LinkedHashMap<>(headers);
    builder.payload = payload;
    builder.notBefore = notBefore;
    builder.correlationId = correlationId;
    builder.causationId = causationId;
    return builder;
  }

  /** Returns the id: a UUID of version 7 (RFC 9562), unless another one was set. */
  public UUID id() {
    return id;
  }

  /** Returns whose message it is; empty where there are no tenants. */
  public String tenant() {
    return tenant;
  }

  /** Returns where it goes. */
  public String topic() {
    return topic;
  }

  /** Returns what it is about; messages of one topic and key are published in order. */
  public Optional<String> key() {
    return Optional.ofNullable(key);
  }

  /** Returns the headers in the order they were added; unmodifiable. */
  public Map<String, String> headers() {
    return headers;
  }

  /** Returns the payload itself, not a copy; an empty array where the message has none. */
  public byte[] payload() {
    return payload == null ? MessageLimits.NO_BYTES : payload;
  }

  /** Returns whether the message has a payload; one of zero bytes counts. */
  public boolean hasPayload() {
    return payload != null;
  }

  /** Returns the time before which it is not published. */
  public Optional<Instant> notBefore() {
    return Optional.ofNullable(notBefore);
  }

  /** Returns the id that ties this message to others. */
  public Optional<String> correlationId() {
    return Optional.ofNullable(correlationId);
  }

  /** Returns the id of the message whose handling caused this one. */
  public Optional<String> causationId() {
    return Optional.ofNullable(causationId);
  }

  /** Returns id, topic and size; never the payload or a header. */
  @Override
  public String toString() {
    return "OutboxMessage[id=" + id + ", topic=" + topic + ", bytes=" + payload().length + "]";
  }

  /** Collects the optional parts of a message. Not thread-safe. */
  public static final class Builder {
    private final String topic;
    private @Nullable UUID id;
    private String tenant = "";
    private @Nullable String key;
    private @Nullable Map<String, String> headers;
    private byte @Nullable [] payload;
    private @Nullable Instant notBefore;
    private @Nullable String correlationId;
    private @Nullable String causationId;

    private Builder(@Nullable String topic) {
      if (topic == null || !TOPIC.matcher(topic).matches()) {
        throw new InvalidMessageException(
            "IBX-401",
            "outbox topic must be 1 to 200 letters, digits, dots, underscores or hyphens, not starting with a dot, got "
                + (topic == null
                    ? "null"
                    : topic.isBlank() ? "a blank one" : topic.length() + " characters")
                + " (map other names in the publisher)");
      }
      this.topic = topic;
    }

    /** Sets the id. Default: a new UUID of version 7. */
    public Builder id(UUID id) {
      this.id = id;
      return this;
    }

    /** Sets whose message it is. Default: that of the message being handled, else empty. */
    public Builder tenant(String tenant) {
      KeyText.tenant(tenant);
      this.tenant = tenant;
      return this;
    }

    /**
     * Sets the business key: messages of one topic and key are published in the order in which
     * their transactions committed, if those held a common lock. By the rules of {@link
     * io.inbox.MessageKey#messageId()}. Default: none, so no order is kept.
     */
    public Builder key(@Nullable String key) {
      this.key = KeyText.optional("outbox key", key);
      return this;
    }

    /**
     * Adds a header; the same name again replaces it.
     *
     * @throws InvalidMessageException if name or value is null or malformed
     */
    public Builder header(String name, String value) {
      MessageLimits.header(name, value);
      if (headers == null) {
        headers = new LinkedHashMap<>();
      }
      headers.put(name, value);
      return this;
    }

    /** Adds every header of a map, as {@link #header} does. */
    public Builder headers(Map<String, String> headers) {
      headers.forEach(this::header);
      return this;
    }

    /** Sets the payload; the array is not copied. Default: none. */
    public Builder payload(byte @Nullable [] payload) {
      this.payload = payload;
      return this;
    }

    /**
     * Sets a time, by the database's clock, before which the message is not published. When it is
     * due it takes its place behind the messages of its key that are waiting then. Default: none.
     *
     * @throws InvalidMessageException if it lies outside the years 1 to 9999
     */
    public Builder notBefore(@Nullable Instant notBefore) {
      this.notBefore = MessageLimits.time(notBefore);
      return this;
    }

    /**
     * Sets the correlation id. Default: that of the message being handled, or its id where it has
     * none.
     */
    public Builder correlationId(@Nullable String correlationId) {
      this.correlationId = KeyText.optional("correlation id", correlationId);
      return this;
    }

    /**
     * Sets the id of the message that caused this one. Default: that of the message being handled.
     */
    public Builder causationId(@Nullable String causationId) {
      this.causationId = KeyText.optional("causation id", causationId);
      return this;
    }

    /**
     * Returns the message.
     *
     * @throws InvalidMessageException if there are more than 200 headers or 64 KiB of them
     */
    public OutboxMessage build() {
      if (headers != null) {
        MessageLimits.headers(headers);
      }
      return new OutboxMessage(this, id == null ? TimeOrderedId.next() : id);
    }
  }
}
