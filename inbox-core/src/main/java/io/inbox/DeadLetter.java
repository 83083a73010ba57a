package io.inbox;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A message that was given up and waits for a person. Immutable. */
public final class DeadLetter {
  private final Builder parts;

  private DeadLetter(Builder parts) {
    this.parts = parts;
  }

  /** Starts a dead letter; its id is 0 until a store has given it one. */
  public static Builder builder(
      long id, String tenant, String consumer, Reason reason, State state) {
    return new Builder(id, tenant, consumer, reason, state);
  }

  /** Returns its own id. */
  public long id() {
    return parts.id;
  }

  /** Returns its key; empty where the message has no usable id. */
  public Optional<MessageKey> key() {
    return Optional.ofNullable(parts.key);
  }

  /** Returns whose message it is; empty where there are no tenants. */
  public String tenant() {
    return parts.tenant;
  }

  /** Returns which consumer gave it up. */
  public String consumer() {
    return parts.consumer;
  }

  /** Returns why it was given up. */
  public Reason reason() {
    return parts.reason;
  }

  /** Returns what became of it. */
  public State state() {
    return parts.state;
  }

  /** Returns how many attempts had failed. */
  public int attempts() {
    return parts.attempts;
  }

  /** Returns how often this copy was delivered since it was first stored. */
  public int deliveries() {
    return parts.deliveries;
  }

  /** Returns what the last attempt threw: class and message, cut at 2,000 characters. */
  public Optional<String> error() {
    return Optional.ofNullable(parts.error);
  }

  /** Returns when it was stored, by the database's clock. */
  public Instant deadLetteredAt() {
    return parts.deadLetteredAt;
  }

  /** Returns when it was replayed or discarded, by the database's clock. */
  public Optional<Instant> resolvedAt() {
    return Optional.ofNullable(parts.resolvedAt);
  }

  /** Returns the reason given when it was replayed or discarded. */
  public Optional<String> resolution() {
    return Optional.ofNullable(parts.resolution);
  }

  /** Returns the message time. */
  public Optional<Instant> time() {
    return Optional.ofNullable(parts.time);
  }

  /** Returns the subject. */
  public Optional<String> subject() {
    return Optional.ofNullable(parts.subject);
  }

  /** Returns the correlation id. */
  public Optional<String> correlationId() {
    return Optional.ofNullable(parts.correlationId);
  }

  /** Returns the fingerprint of the copy, 32 bytes; empty in a list, and where none was taken. */
  public Optional<byte[]> fingerprint() {
    return Optional.ofNullable(parts.fingerprint);
  }

  /** Returns the headers; empty in a list, see {@link DeadLetters#show}. */
  public Map<String, String> headers() {
    return parts.headers;
  }

  /** Returns the payload, not a copy; empty in a list, see {@link DeadLetters#show}. */
  public Optional<byte[]> payload() {
    return Optional.ofNullable(parts.payload);
  }

  /** Returns id, consumer, reason and state; never the payload. */
  @Override
  public String toString() {
    return "DeadLetter["
        + parts.id
        + ", "
        + (parts.key == null ? parts.consumer + ", no usable id" : parts.key)
        + ", "
        + parts.reason
        + ", "
        + parts.state
        + "]";
  }

  /** What became of a dead letter. */
  public enum State {
    /** It waits for a person. */
    OPEN,
    /** It was handled after all. */
    REPLAYED,
    /** Somebody decided that it is not to be handled. */
    DISCARDED
  }

  /** Collects the parts of a dead letter; for stores. Not thread-safe. */
  public static final class Builder {
    private final long id;
    private final String tenant;
    private final String consumer;
    private final Reason reason;
    private final State state;
    private @Nullable MessageKey key;
    private int attempts;
    private int deliveries = 1;
    private @Nullable String error;
    private Instant deadLetteredAt = Instant.EPOCH;
    private @Nullable Instant resolvedAt;
    private @Nullable String resolution;
    private @Nullable Instant time;
    private @Nullable String subject;
    private @Nullable String correlationId;
    private Map<String, String> headers = Map.of();
    private byte @Nullable [] payload;
    private byte @Nullable [] fingerprint;

    private Builder(long id, String tenant, String consumer, Reason reason, State state) {
      this.id = id;
      this.tenant = tenant;
      this.consumer = consumer;
      this.reason = reason;
      this.state = state;
    }

    /** Sets the key. */
    public Builder key(@Nullable MessageKey key) {
      this.key = key;
      return this;
    }

    /** Sets the counts and the last error. */
    public Builder failures(int attempts, int deliveries, @Nullable String error) {
      this.attempts = attempts;
      this.deliveries = deliveries;
      this.error = error;
      return this;
    }

    /** Sets when it was stored. */
    public Builder deadLetteredAt(Instant at) {
      this.deadLetteredAt = at;
      return this;
    }

    /** Sets when and why it was ended. */
    public Builder resolved(@Nullable Instant at, @Nullable String resolution) {
      this.resolvedAt = at;
      this.resolution = resolution;
      return this;
    }

    /** Sets what the message said about itself. */
    public Builder about(
        @Nullable Instant time, @Nullable String subject, @Nullable String correlationId) {
      this.time = time;
      this.subject = subject;
      this.correlationId = correlationId;
      return this;
    }

    /** Sets headers, payload and fingerprint. */
    public Builder content(
        Map<String, String> headers, byte @Nullable [] payload, byte @Nullable [] fingerprint) {
      this.headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
      this.payload = payload;
      this.fingerprint = fingerprint;
      return this;
    }

    /** Returns the dead letter; the builder must not be used any more. */
    public DeadLetter build() {
      return new DeadLetter(this);
    }
  }
}
