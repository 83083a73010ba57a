package io.inbox.reconciler;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Something a check found: what is wrong, with what, since when, and whether it is still there.
 * Immutable.
 */
public final class Finding {
  private final Builder parts;

  private Finding(Builder parts) {
    this.parts = parts;
  }

  /** Starts a finding; for stores of findings. */
  public static Builder builder(long id, String check, String kind, String item) {
    return new Builder(id, check, kind, item);
  }

  /** Returns the id. */
  public long id() {
    return parts.id;
  }

  /** Returns the name of the check. */
  public String check() {
    return parts.check;
  }

  /** Returns what is wrong, such as {@code HANDLED_WITHOUT_EFFECT}. */
  public String kind() {
    return parts.kind;
  }

  /** Returns what it is wrong with, such as a message id. */
  public String item() {
    return parts.item;
  }

  /** Returns how bad it is. */
  public Severity severity() {
    return parts.severity;
  }

  /** Returns what findings are grouped by. */
  public String cause() {
    return parts.cause;
  }

  /** Returns the tenant, where it is known; the empty one means none. */
  public Optional<String> tenant() {
    return Optional.ofNullable(parts.tenant);
  }

  /** Returns the consumer, where it is about one. */
  public Optional<String> consumer() {
    return Optional.ofNullable(parts.consumer);
  }

  /** Returns the source, where it is known; the empty one means none. */
  public Optional<String> source() {
    return Optional.ofNullable(parts.source);
  }

  /** Returns what was seen last, for people. */
  public Optional<String> detail() {
    return Optional.ofNullable(parts.detail);
  }

  /** Returns when it happened, where that is known. */
  public Optional<Instant> happenedAt() {
    return Optional.ofNullable(parts.happenedAt);
  }

  /** Returns when it was first seen, by the database's clock. */
  public Instant firstSeenAt() {
    return parts.firstSeenAt;
  }

  /** Returns when it was last seen, by the database's clock. */
  public Instant lastSeenAt() {
    return parts.lastSeenAt;
  }

  /** Returns in how many runs it was seen. */
  public int seen() {
    return parts.seen;
  }

  /** Returns how often it came back after it was resolved. */
  public int reopened() {
    return parts.reopened;
  }

  /** Returns what became of it. */
  public State state() {
    return parts.state;
  }

  /** Returns when it was resolved or accepted. */
  public Optional<Instant> resolvedAt() {
    return Optional.ofNullable(parts.resolvedAt);
  }

  /** Returns why it was resolved or accepted. */
  public Optional<String> resolution() {
    return Optional.ofNullable(parts.resolution);
  }

  @Override
  public String toString() {
    return "finding " + id() + ": " + severity() + " " + kind() + " " + item() + ", " + state();
  }

  /** How bad a finding is. */
  public enum Severity {
    /** A promise was broken: an effect is missing, doubled or wrong. */
    ERROR,

    /** A promise will be broken if nobody acts, or something hides trouble. */
    WARNING
  }

  /** What became of a finding. */
  public enum State {
    /** It is there, as far as is known. */
    OPEN,

    /** It is gone, or was repaired. A run that sees it again opens it. */
    RESOLVED,

    /** Somebody decided that it stays. Runs that see it again leave it so. */
    ACCEPTED
  }

  /** Collects the parts of a finding. Not thread-safe. */
  public static final class Builder {
    private final long id;
    private final String check;
    private final String kind;
    private final String item;
    private Severity severity = Severity.ERROR;
    private String cause;
    private @Nullable String tenant;
    private @Nullable String consumer;
    private @Nullable String source;
    private @Nullable String detail;
    private @Nullable Instant happenedAt;
    private Instant firstSeenAt = Instant.EPOCH;
    private Instant lastSeenAt = Instant.EPOCH;
    private int seen = 1;
    private int reopened;
    private State state = State.OPEN;
    private @Nullable Instant resolvedAt;
    private @Nullable String resolution;

    private Builder(long id, String check, String kind, String item) {
      this.id = id;
      this.check = check;
      this.kind = kind;
      this.item = item;
      this.cause = kind;
    }

    /** Sets how bad it is and what it is grouped by. */
    public Builder because(Severity severity, String cause) {
      this.severity = severity;
      this.cause = cause;
      return this;
    }

    /** Sets whose key it is about. */
    public Builder of(@Nullable String tenant, @Nullable String consumer, @Nullable String source) {
      this.tenant = tenant;
      this.consumer = consumer;
      this.source = source;
      return this;
    }

    /** Sets what was seen, and when it happened. */
    public Builder detail(@Nullable String detail, @Nullable Instant happenedAt) {
      this.detail = detail;
      this.happenedAt = happenedAt;
      return this;
    }

    /** Sets the sightings. */
    public Builder seen(Instant first, Instant last, int seen, int reopened) {
      this.firstSeenAt = first;
      this.lastSeenAt = last;
      this.seen = seen;
      this.reopened = reopened;
      return this;
    }

    /** Sets what became of it. */
    public Builder ended(State state, @Nullable Instant at, @Nullable String resolution) {
      this.state = state;
      this.resolvedAt = at;
      this.resolution = resolution;
      return this;
    }

    /** Returns the finding. The builder must not be used again. */
    public Finding build() {
      return new Finding(this);
    }
  }
}
