package io.inbox.reconciler;

import io.inbox.MessageKey;
import io.inbox.error.UsageException;
import io.inbox.reconciler.internal.retention.KeyParts;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Something that must not be collected, for a reason. Immutable. */
public final class Hold {
  private final long id;
  private final Scope scope;
  private final String reason;
  private final String placedBy;
  private final Instant placedAt;
  private final @Nullable Instant until;

  /**
   * Creates a hold as it was read.
   *
   * @param id the database's number for it
   * @param until when it ends, or null
   */
  public Hold(
      long id,
      Scope scope,
      String reason,
      String placedBy,
      Instant placedAt,
      @Nullable Instant until) {
    this.id = id;
    this.scope = scope;
    this.reason = reason;
    this.placedBy = placedBy;
    this.placedAt = placedAt;
    this.until = until;
  }

  /** Returns its number, by which it is released. */
  public long id() {
    return id;
  }

  /** Returns what it holds. */
  public Scope scope() {
    return scope;
  }

  /** Returns why. */
  public String reason() {
    return reason;
  }

  /** Returns who placed it. */
  public String placedBy() {
    return placedBy;
  }

  /** Returns when it was placed, by the database's clock. */
  public Instant placedAt() {
    return placedAt;
  }

  /** Returns when it ends or has ended; empty if it lasts until it is released. */
  public Optional<Instant> until() {
    return Optional.ofNullable(until);
  }

  /** Two holds are equal if their numbers are. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Hold hold && id == hold.id;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(id);
  }

  /** Returns number, scope and reason. */
  @Override
  public String toString() {
    return "hold " + id + " on " + scope + ": " + reason;
  }

  /**
   * What a hold covers: every row that matches each part which is not null. Rows that have no such
   * part are not covered by a hold that names one: attempts have no subject, findings no message
   * id, dead letters of the outbox only a tenant.
   *
   * @param consumer whose rows, or null
   * @param tenant whose rows, or null; empty means rows without a tenant
   * @param source whose messages, or null; empty means messages without a source
   * @param messageId which message, or null
   * @param subject about what, or null
   */
  public record Scope(
      @Nullable String consumer,
      @Nullable String tenant,
      @Nullable String source,
      @Nullable String messageId,
      @Nullable String subject) {
    /**
     * Checks the parts.
     *
     * @throws UsageException IBX-713 if one is nothing that a key can have
     */
    public Scope {
      KeyParts.check("consumer", consumer, false);
      KeyParts.check("tenant", tenant, true);
      KeyParts.check("source", source, true);
      KeyParts.check("message id", messageId, false);
      KeyParts.check("subject", subject, false);
    }

    /** Returns the scope of everything. */
    public static Scope ofEverything() {
      return new Scope(null, null, null, null, null);
    }

    /** Returns the scope of a consumer. */
    public static Scope ofConsumer(String consumer) {
      return new Scope(KeyParts.present("consumer", consumer), null, null, null, null);
    }

    /** Returns the scope of a tenant. */
    public static Scope ofTenant(String tenant) {
      return new Scope(null, KeyParts.present("tenant", tenant), null, null, null);
    }

    /** Returns the scope of a subject. */
    public static Scope ofSubject(String subject) {
      return new Scope(null, null, null, null, KeyParts.present("subject", subject));
    }

    /** Returns the scope of one message. */
    public static Scope of(MessageKey key) {
      Objects.requireNonNull(key, "key");
      return new Scope(key.consumer(), key.tenant(), key.source(), key.messageId(), null);
    }

    /** Returns the parts that are named. */
    @Override
    public String toString() {
      StringBuilder text = new StringBuilder();
      append(text, "consumer", consumer);
      append(text, "tenant", tenant);
      append(text, "source", source);
      append(text, "message", messageId);
      append(text, "subject", subject);
      return text.isEmpty() ? "everything" : text.toString();
    }

    private static void append(StringBuilder text, String part, @Nullable String value) {
      if (value != null) {
        text.append(text.isEmpty() ? "" : ", ")
            .append(part)
            .append(' ')
            .append(value.isEmpty() ? "(none)" : value);
      }
    }
  }
}
