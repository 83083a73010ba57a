package io.inbox;

import io.inbox.error.InvalidMessageException;
import io.inbox.internal.KeyText;
import io.inbox.internal.MessageLimits;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a producer sent, as one delivery brought it. Immutable, but for the payload array, which is
 * not copied: do not change it after handing it in.
 */
public final class Message {
  private final String id;
  private final String source;
  private final String tenant;
  private final @Nullable Instant time;
  private final @Nullable String subject;
  private final @Nullable String correlationId;
  private final int deliveryCount;
  private final Map<String, String> headers;
  private final byte @Nullable [] payload;

  private Message(Builder builder) {
    this.id = builder.id;
    this.source = builder.source;
    this.tenant = builder.tenant;
    this.time = builder.time;
    this.subject = builder.subject;
    this.correlationId = builder.correlationId;
    this.deliveryCount = builder.deliveryCount;
    this.headers =
        builder.headers == null
            ? Map.of()
            : Collections.unmodifiableMap(new LinkedHashMap<>(builder.headers));
    this.payload = builder.payload;
  }

  /**
   * Returns a message with an id and a payload and nothing else.
   *
   * @param id the producer's id, see {@link MessageKey#messageId()}
   * @param payload the bytes, may be null for a message without any
   * @throws InvalidMessageException if the id breaks the rules of {@link MessageKey}
   */
  public static Message of(String id, byte @Nullable [] payload) {
    return builder(id).payload(payload).build();
  }

  /**
   * Starts a message.
   *
   * @param id the producer's id, see {@link MessageKey#messageId()}; where the producer gives none,
   *     {@link MessageIds} derives one
   */
  public static Builder builder(String id) {
    return new Builder(id);
  }

  /** Returns the producer's id. */
  public String id() {
    return id;
  }

  /** Returns the producer or channel that the id is unique in; empty for none. */
  public String source() {
    return source;
  }

  /** Returns whose message it is; empty where there are no tenants. */
  public String tenant() {
    return tenant;
  }

  /**
   * Returns when the producer says it happened. Without it a message is never outside the dedupe
   * window, so a redelivery after the window is handled again.
   */
  public Optional<Instant> time() {
    return Optional.ofNullable(time);
  }

  /** Returns the business key the message is about. */
  public Optional<String> subject() {
    return Optional.ofNullable(subject);
  }

  /** Returns the id that ties this message to others in logs and dead letters. */
  public Optional<String> correlationId() {
    return Optional.ofNullable(correlationId);
  }

  /**
   * Returns how often the broker says it delivered this message, this time included; 0 where the
   * broker does not count.
   */
  public int deliveryCount() {
    return deliveryCount;
  }

  /** Returns the headers in the order they were added; unmodifiable. */
  public Map<String, String> headers() {
    return headers;
  }

  /** Returns the payload itself, not a copy; empty array where the message has none. */
  public byte[] payload() {
    return payload == null ? MessageLimits.NO_BYTES : payload;
  }

  /** Returns whether the message has a payload; one of zero bytes counts. */
  public boolean hasPayload() {
    return payload != null;
  }

  /** Returns id, source and size; never the payload or a header. */
  @Override
  public String toString() {
    return "Message[id="
        + id
        + (source.isEmpty() ? "" : ", source=" + source)
        + ", bytes="
        + payload().length
        + "]";
  }

  /** Collects the optional parts of a message. Not thread-safe. */
  public static final class Builder {
    private final String id;
    private String source = "";
    private String tenant = "";
    private @Nullable Instant time;
    private @Nullable String subject;
    private @Nullable String correlationId;
    private int deliveryCount;
    private @Nullable Map<String, String> headers;
    private byte @Nullable [] payload;

    private Builder(String id) {
      KeyText.messageId(id);
      this.id = id;
    }

    /** Sets the producer or channel the id is unique in. Default: empty. */
    public Builder source(String source) {
      KeyText.source(source);
      this.source = source;
      return this;
    }

    /** Sets whose message it is. Default: empty. */
    public Builder tenant(String tenant) {
      KeyText.tenant(tenant);
      this.tenant = tenant;
      return this;
    }

    /**
     * Sets when the producer says it happened, kept to the microsecond. Default: none.
     *
     * @throws InvalidMessageException if it lies outside the years 1 to 9999
     */
    public Builder time(@Nullable Instant time) {
      this.time = MessageLimits.time(time);
      return this;
    }

    /**
     * Sets the business key the message is about, by the rules of {@link MessageKey#messageId()}.
     * Default: none.
     */
    public Builder subject(@Nullable String subject) {
      this.subject = KeyText.optional("subject", subject);
      return this;
    }

    /** Sets the correlation id, by the rules of {@link MessageKey#messageId()}. Default: none. */
    public Builder correlationId(@Nullable String correlationId) {
      this.correlationId = KeyText.optional("correlation id", correlationId);
      return this;
    }

    /**
     * Sets how often the broker delivered the message, this time included. Default: 0, not counted.
     */
    public Builder deliveryCount(int deliveryCount) {
      if (deliveryCount < 0) {
        throw new InvalidMessageException(
            "IBX-139",
            "delivery count is " + deliveryCount + ", it must be 0 (not counted) or more");
      }
      this.deliveryCount = deliveryCount;
      return this;
    }

    /**
     * Adds a header; the same name again replaces it.
     *
     * @throws InvalidMessageException if name or value is null or malformed, or there are more than
     *     200 headers or 64 KiB of them
     */
    public Builder header(String name, String value) {
      if (headers == null) {
        headers = new LinkedHashMap<>();
      }
      MessageLimits.header(name, value);
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

    /** Returns the message. */
    public Message build() {
      if (headers != null) {
        MessageLimits.headers(headers);
      }
      return new Message(this);
    }
  }
}
