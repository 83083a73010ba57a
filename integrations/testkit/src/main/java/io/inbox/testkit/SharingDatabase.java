package io.inbox.testkit;

import io.inbox.GroupCommit;
import io.inbox.Inbox;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A database whose inboxes let concurrent calls share transactions. */
final class SharingDatabase extends ForwardingDatabase {
  private static final Map<TestDatabase, SharingDatabase> ALL = new ConcurrentHashMap<>();

  /** Returns the one that belongs to a database, so that its classes share a pool. */
  static SharingDatabase on(TestDatabase database) {
    return ALL.computeIfAbsent(database, SharingDatabase::new);
  }

  private SharingDatabase(TestDatabase database) {
    super(database);
  }

  @Override
  Inbox.Builder options(Inbox.Builder builder) {
    return builder.groupCommit(GroupCommit.ofDefaults());
  }
}
