package io.inbox.testkit;

import io.inbox.Buckets;
import io.inbox.Inbox;
import io.inbox.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A database whose inboxes keep their keys in buckets. The day of a key is taken from the id
 * itself, so that any message of the suite has one: within the last twenty hours.
 */
final class BucketDatabase extends ForwardingDatabase {
  private static final Map<TestDatabase, BucketDatabase> ALL = new ConcurrentHashMap<>();
  private static final int HOURS = 20;

  private final Instant opened = Instant.now();
  private final Buckets buckets;

  /** Returns the one that belongs to a database, so that its classes share a pool. */
  static BucketDatabase on(TestDatabase database, boolean moving) {
    return ALL.computeIfAbsent(database, it -> new BucketDatabase(it, moving));
  }

  private BucketDatabase(TestDatabase database, boolean moving) {
    super(database);
    Buckets byId = Buckets.by("id-hash", this::time);
    this.buckets = moving ? byId.moving() : byId;
  }

  private Instant time(Message message) {
    return opened.minus(Duration.ofHours(Math.floorMod(message.id().hashCode(), HOURS)));
  }

  @Override
  Inbox.Builder options(Inbox.Builder builder) {
    return builder.buckets(buckets);
  }
}
