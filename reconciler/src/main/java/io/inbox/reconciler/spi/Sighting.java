package io.inbox.reconciler.spi;

import io.inbox.error.UsageException;
import io.inbox.reconciler.Finding.Severity;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a check saw. Check, kind, tenant, consumer, source and item together say what it is about: a
 * later sighting of the same is the same finding. Immutable.
 */
public final class Sighting {
  private static final Pattern KIND = Pattern.compile("[A-Z][A-Z0-9_]{0,59}");

  private final Severity severity;
  private final String kind;
  private final String item;
  private final String cause;
  private final @Nullable String tenant;
  private final @Nullable String consumer;
  private final @Nullable String source;
  private final @Nullable String detail;
  private final @Nullable Instant happenedAt;

  private Sighting(Builder builder) {
    this.severity = builder.severity;
    this.kind = builder.kind;
    this.item = builder.item;
    this.cause = builder.cause;
    this.tenant = builder.tenant;
    this.consumer = builder.consumer;
    this.source = builder.source;
    this.detail = builder.detail;
    this.happenedAt = builder.happenedAt;
  }

  /**
   * Starts a sighting of something that broke a promise.
   *
   * @param kind what is wrong: capitals, digits and underscores, such as {@code EFFECT_TWICE}
   * @param item what it is wrong with, such as a message id; not empty
   */
  public static Builder error(String kind, String item) {
    return new Builder(Severity.ERROR, kind, item);
  }

  /** Starts a sighting of something that will break a promise if nobody acts, or hides trouble. */
  public static Builder warning(String kind, String item) {
    return new Builder(Severity.WARNING, kind, item);
  }

  /** Returns how bad it is. */
  public Severity severity() {
    return severity;
  }

  /** Returns what is wrong. */
  public String kind() {
    return kind;
  }

  /** Returns what it is wrong with. */
  public String item() {
    return item;
  }

  /** Returns what findings are grouped by. */
  public String cause() {
    return cause;
  }

  /** Returns the tenant, where it is known. */
  public Optional<String> tenant() {
    return Optional.ofNullable(tenant);
  }

  /** Returns the consumer, where it is about one. */
  public Optional<String> consumer() {
    return Optional.ofNullable(consumer);
  }

  /** Returns the source, where it is known. */
  public Optional<String> source() {
    return Optional.ofNullable(source);
  }

  /** Returns what was seen, for people. */
  public Optional<String> detail() {
    return Optional.ofNullable(detail);
  }

  /** Returns when it happened, where that is known. */
  public Optional<Instant> happenedAt() {
    return Optional.ofNullable(happenedAt);
  }

  @Override
  public String toString() {
    return severity + " " + kind + " " + item + " (" + cause + ")";
  }

  /** Collects the parts of a sighting. Not thread-safe. */
  public static final class Builder {
    private final Severity severity;
    private final String kind;
    private final String item;
    private String cause;
    private @Nullable String tenant;
    private @Nullable String consumer;
    private @Nullable String source;
    private @Nullable String detail;
    private @Nullable Instant happenedAt;

    private Builder(Severity severity, String kind, String item) {
      this.severity = severity;
      this.kind = kind;
      this.item = item;
      this.cause = kind;
    }

    /** Sets what findings are grouped by: a short phrase that many share. Default: the kind. */
    public Builder cause(String cause) {
      this.cause = cause;
      return this;
    }

    /** Sets the tenant. */
    public Builder tenant(@Nullable String tenant) {
      this.tenant = tenant;
      return this;
    }

    /** Sets the consumer. */
    public Builder consumer(@Nullable String consumer) {
      this.consumer = consumer;
      return this;
    }

    /** Sets the source. */
    public Builder source(@Nullable String source) {
      this.source = source;
      return this;
    }

    /** Sets what was seen, for people: never a payload or a secret. It may change with each run. */
    public Builder detail(@Nullable String detail) {
      this.detail = detail;
      return this;
    }

    /** Sets when it happened. */
    public Builder happenedAt(@Nullable Instant happenedAt) {
      this.happenedAt = happenedAt;
      return this;
    }

    /**
     * Returns the sighting.
     *
     * @throws UsageException if kind, item or cause breaks its rule
     */
    public Sighting build() {
      if (kind == null || !KIND.matcher(kind).matches()) {
        throw new UsageException(
            "IBX-611",
            "the kind of a sighting must be 1 to 60 capitals, digits or underscores, got " + kind);
      }
      if (item == null || item.isEmpty() || cause == null || cause.isBlank()) {
        throw new UsageException("IBX-611", "a sighting of " + kind + " has no item or no cause");
      }
      return new Sighting(this);
    }
  }
}
