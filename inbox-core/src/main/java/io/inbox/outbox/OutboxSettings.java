package io.inbox.outbox;

import io.inbox.error.ConfigurationException;

/** What an outbox accepts, and how it tells relays. Immutable. */
public final class OutboxSettings {
  private static final int MOST_PAYLOAD_BYTES = 512 * 1024 * 1024;
  private static final int MOST_MESSAGES = 1_000_000;
  private static final int MOST_SLOTS = 32_767;
  private static final OutboxSettings DEFAULTS = builder().build();

  private final int maxPayloadBytes;
  private final int maxMessages;
  private final long maxBytes;
  private final int slots;
  private final boolean requireKeys;
  private final boolean notifications;

  private OutboxSettings(Builder builder) {
    this.maxPayloadBytes = builder.maxPayloadBytes;
    this.maxMessages = builder.maxMessages;
    this.maxBytes = builder.maxBytes;
    this.slots = builder.slots;
    this.requireKeys = builder.requireKeys;
    this.notifications = builder.notifications;
  }

  /** Returns the defaults. */
  public static OutboxSettings ofDefaults() {
    return DEFAULTS;
  }

  /** Starts from the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns the largest payload, in bytes. */
  public int maxPayloadBytes() {
    return maxPayloadBytes;
  }

  /** Returns how many messages one transaction may append. */
  public int maxMessagesPerTransaction() {
    return maxMessages;
  }

  /** Returns how many bytes of payload one transaction may append. */
  public long maxBytesPerTransaction() {
    return maxBytes;
  }

  /** Returns how many slots the outbox must have; 0 where that is not declared. */
  public int slots() {
    return slots;
  }

  /** Returns whether every message must have a key. */
  public boolean requireKeys() {
    return requireKeys;
  }

  /** Returns whether relays of other processes are notified. */
  public boolean notifications() {
    return notifications;
  }

  /** Collects the settings. Not thread-safe. */
  public static final class Builder {
    private int maxPayloadBytes = 1024 * 1024;
    private int maxMessages = 10_000;
    private long maxBytes = 64L * 1024 * 1024;
    private int slots;
    private boolean requireKeys;
    private boolean notifications = true;

    private Builder() {}

    /**
     * Sets the largest payload, in bytes, 1 to 536,870,912. Default: 1 MiB, what most brokers take.
     */
    public Builder maxPayloadBytes(int bytes) {
      this.maxPayloadBytes = bytes;
      return this;
    }

    /**
     * Sets how many messages one transaction may append, 1 to 1,000,000: they are kept in memory
     * until its end. Default: 10,000.
     */
    public Builder maxMessagesPerTransaction(int messages) {
      this.maxMessages = messages;
      return this;
    }

    /** Sets how many bytes of payload one transaction may append, 1 to 2 GiB. Default: 64 MiB. */
    public Builder maxBytesPerTransaction(long bytes) {
      this.maxBytes = bytes;
      return this;
    }

    /**
     * Declares how many slots the outbox has, so that appending is refused where it has another
     * number. Default: 0, not declared. The number itself is the database's, see {@link
     * Outbox#resize}.
     */
    public Builder slots(int slots) {
      this.slots = slots;
      return this;
    }

    /**
     * Requires every message to have a key, where order matters to all of them. Default: not
     * required.
     */
    public Builder requireKeys(boolean required) {
      this.requireKeys = required;
      return this;
    }

    /**
     * Sets whether relays of other processes are notified after a commit, on PostgreSQL by NOTIFY
     * from a thread and a transaction of the outbox's own. Switch it off where the connections go
     * through a pooler in transaction mode, or where polling is quick enough. Default: on.
     */
    public Builder notifications(boolean on) {
      this.notifications = on;
      return this;
    }

    /**
     * Returns the settings.
     *
     * @throws ConfigurationException if one is out of its range
     */
    public OutboxSettings build() {
      range("maxPayloadBytes", maxPayloadBytes, 1, MOST_PAYLOAD_BYTES);
      range("maxMessagesPerTransaction", maxMessages, 1, MOST_MESSAGES);
      range("maxBytesPerTransaction", maxBytes, 1, 4L * MOST_PAYLOAD_BYTES);
      range("slots", slots, 0, MOST_SLOTS);
      return new OutboxSettings(this);
    }

    private static void range(String option, long value, long least, long most) {
      if (value < least || value > most) {
        throw new ConfigurationException(
            "IBX-405", option + " is " + value + ", it must be " + least + " to " + most);
      }
    }
  }
}
